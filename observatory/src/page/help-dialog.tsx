import type { Ref } from 'react'

const keys: [string, string][] = [
  ['j  k  ↓  ↑', 'next and previous trace or span'],
  ['Enter', 'open the trace, choose the span'],
  ['→  ←', 'open and close the spans below'],
  ['Home  End', 'first and last'],
  ['/', 'search'],
  ['a', 'align the clocks, on and off'],
  ['f', 'break a vendor'],
  ['u', 'back to all traces'],
  ['Esc', 'close the details'],
  ['?', 'show these keys'],
]

export const HelpDialog = ({ ref }: { ref: Ref<HTMLDialogElement> }) => (
  <dialog ref={ref} className="dialog" aria-labelledby="help-title">
    <h2 id="help-title">Keys</h2>
    <dl>
      {keys.map(([key, meaning]) => (
        <div key={key}>
          <dt>
            {key.split('  ').map((one) => (
              <kbd key={one}>{one}</kbd>
            ))}
          </dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
    <form method="dialog">
      <button type="submit" className="button">
        Close
      </button>
    </form>
  </dialog>
)
