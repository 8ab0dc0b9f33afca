import { useId } from 'react'

type Props<Value extends string> = {
  label: string
  options: readonly { value: Value; words: string; name?: string }[]
  value: Value
  onChange: (value: Value) => void
  trace: string
}

/** One of few, all of them seen at once. `name` is what a short word means, for whoever hears it. */
export const Segmented = <Value extends string>({ label, options, value, onChange, trace }: Props<Value>) => {
  const group = useId()
  return (
    <fieldset className="segmented" data-trace={trace}>
      <legend className="visually-hidden">{label}</legend>
      {options.map((option) => (
        <label key={option.value} className="segment">
          <input
            type="radio"
            name={group}
            value={option.value}
            checked={option.value === value}
            aria-label={option.name}
            onChange={() => onChange(option.value)}
          />
          <span>{option.words}</span>
        </label>
      ))}
    </fieldset>
  )
}
