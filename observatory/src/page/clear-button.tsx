import { type MouseEvent, useState } from 'react'

/** What is cleared is gone: it takes a second press, which a double click is not, and leaving takes the first one back. */
export const ClearButton = () => {
  const [asking, setAsking] = useState(false)
  const press = ({ detail }: MouseEvent) => {
    if (detail > 1) return
    if (asking) void fetch('/api/traces', { method: 'DELETE' })
    setAsking(!asking)
  }
  return (
    <button
      type="button"
      className={asking ? 'button is-bad' : 'button'}
      aria-live="polite"
      onClick={press}
      onBlur={() => setAsking(false)}
      onKeyDown={(event) => event.key === 'Escape' && setAsking(false)}
    >
      {asking ? 'Really clear?' : 'Clear'}
    </button>
  )
}
