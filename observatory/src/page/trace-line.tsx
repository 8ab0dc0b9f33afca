import type { TraceSummary } from '../trace/span.ts'
import { follow } from './address.ts'
import { colourOfService } from './colours.ts'
import { age, count, duration } from './format.ts'

export const TraceLine = ({ trace, scaleMs, now }: { trace: TraceSummary; scaleMs: number; now: number }) => (
  <li>
    <a className="trace-line" href={`/traces/${trace.traceId}`} onClick={follow}>
      <span className="trace-name">
        <span className="dot" data-colour={colourOfService(trace.rootService)} aria-hidden="true" />
        <span className="trace-root">{trace.rootName || '(no name)'}</span>
        {trace.errorCount > 0 && <span className="tag is-bad">{count(trace.errorCount, 'error')}</span>}
        {!trace.complete && <span className="tag">incomplete</span>}
      </span>
      <span className="trace-services">{trace.services.join(' → ')}</span>
      <SplitBar trace={trace} share={Math.min(1, trace.durationMs / scaleMs)} />
      <span className="trace-duration">{duration(trace.durationMs)}</span>
      <span className="trace-spans">{count(trace.spanCount, 'span')}</span>
      <span className="trace-age">{age(now - trace.startMs)}</span>
    </a>
  </li>
)

/** How long it took, against the rest of the list; the network, the server and SQL in proportion. */
const SplitBar = ({ trace, share }: { trace: TraceSummary; share: number }) => {
  const total = trace.durationMs || 1
  const part = (ms: number | null) => `${Math.min(100, ((ms ?? 0) / total) * 100)}%`
  const sql = Math.min(trace.sqlMs ?? 0, trace.serverMs ?? trace.sqlMs ?? 0)
  return (
    <span className="split" aria-hidden="true">
      <span className="split-whole" style={{ width: `max(3px, ${share * 100}%)` }}>
        <span className="split-network" style={{ width: part(trace.networkMs) }} />
        <span className="split-server" style={{ width: part((trace.serverMs ?? 0) - sql) }} />
        <span className="split-sql" style={{ width: part(sql) }} />
      </span>
    </span>
  )
}
