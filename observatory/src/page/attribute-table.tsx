import type { PlainValue } from '@cruddur/wire/otlp'
import type { Attributes } from '../trace/span.ts'
import { CopyButton } from './copy-button.tsx'

/** Measured times are rounded for reading; the copy has all digits. */
const shown = (value: PlainValue, text: string): string => {
  if (text === '') return '(empty)'
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toFixed(4))) : text
}

const isLong = (text: string): boolean => text.length > 90 || text.includes('\n')

export const AttributeTable = ({ attributes }: { attributes: Attributes }) => (
  <dl className="attributes">
    {Object.entries(attributes)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, value]) => {
        const text = typeof value === 'string' ? value : JSON.stringify(value)
        return (
          <div key={key} className={isLong(text) ? 'is-long' : ''}>
            <dt>{key}</dt>
            <dd>{shown(value, text)}</dd>
            <dd className="attribute-copy">
              <CopyButton text={text} label={`Copy ${key}`} />
            </dd>
          </div>
        )
      })}
  </dl>
)
