import type { Trace } from '../trace/span.ts'

type Given = { trace: Trace }

/** The four counts of one id; each leads to its part of the page. */
export const SignalsNav = ({ trace: { summary } }: Given) => {
  const signals: [string, string, number][] = [
    ['spans', 'Spans', summary.spanCount],
    ['xray', 'X-Ray', summary.segmentCount],
    ['rollbar', 'Rollbar', summary.itemCount],
    ['logs', 'Logs', summary.logCount],
  ]
  const jump = (id: string) => {
    const part = document.getElementById(id)
    part?.scrollIntoView({ block: 'start' })
    part?.focus({ preventScroll: true })
  }
  return (
    <nav className="signals" aria-label="Signals of this trace">
      {signals.map(([id, name, count]) => (
        <button key={id} type="button" onClick={() => jump(id)}>
          {name} <b className={id === 'rollbar' && count > 0 ? 'bad-count' : ''}>{count.toLocaleString('en-GB')}</b>
        </button>
      ))}
    </nav>
  )
}
