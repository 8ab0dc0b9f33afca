import { type ComponentProps, type ReactNode, type RefObject, useEffect, useId, useState } from 'react'
import { Icon } from './icons.tsx'

type Words = {
  label: string
  hint?: ReactNode
  /** Takes the place of the hint, so that nothing moves. */
  error?: string | null | undefined
}

type Control = {
  id: string
  className: string
  'aria-describedby': string
  'aria-invalid': true | undefined
}

type FieldProps = Words & { children: (control: Control) => ReactNode }

const Field = ({ label, hint, error, children }: FieldProps) => {
  const id = useId()
  const noteId = `${id}note`
  return (
    <div className="field" data-wrong={error ? true : undefined}>
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        className: 'field-control',
        'aria-describedby': noteId,
        'aria-invalid': error ? true : undefined,
      })}
      <p className="field-note" id={noteId}>
        {error || hint}
      </p>
    </div>
  )
}

type Own = keyof Control
type TextFieldProps = Words & Omit<ComponentProps<'input'>, Own>

export const TextField = ({ label, hint, error, ...input }: TextFieldProps) => (
  <Field label={label} hint={hint} error={error}>
    {(control) => <input type="text" {...input} {...control} />}
  </Field>
)

type TextAreaProps = Words & Omit<ComponentProps<'textarea'>, Own>

export const TextArea = ({ label, hint, error, ...textarea }: TextAreaProps) => (
  <Field label={label} hint={hint} error={error}>
    {(control) => <textarea rows={3} {...textarea} {...control} />}
  </Field>
)

export const PasswordField = ({ label, hint, error, ...input }: Omit<TextFieldProps, 'type'>) => {
  const [isShown, setShown] = useState(false)
  return (
    <Field label={label} hint={hint} error={error}>
      {(control) => (
        <span className="field-with-button">
          <input
            {...input}
            {...control}
            type={isShown ? 'text' : 'password'}
            autoCapitalize="none"
            spellCheck={false}
          />
          <button
            type="button"
            className="icon-button"
            data-trace="show password"
            aria-label="Show password"
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          >
            <Icon name={isShown ? 'eye-off' : 'eye'} />
          </button>
        </span>
      )}
    </Field>
  )
}

/** Moves the focus to the first wrong field after each answer. */
export const useFirstWrong = (form: RefObject<HTMLElement | null>, answer: unknown): void => {
  useEffect(() => {
    if (answer) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [form, answer])
}
