import type { TraceSummary } from '../trace/span.ts'
import { isArriving } from '../trace/summary.ts'
import { follow } from './address.ts'
import { colourOfService, splitColoursOf } from './colours.ts'
import { age, count, duration } from './format.ts'

export const TraceLine = ({ trace, scaleMs, now }: { trace: TraceSummary; scaleMs: number; now: number }) => (
  <li>
    <a className="trace-line" href={`/traces/${trace.traceId}`} onClick={follow}>
      <span className="trace-name">
        <span className="dot" data-colour={colourOfService(trace.rootService, trace)} aria-hidden="true" />
        <span className="trace-root">{trace.rootName || '(no name)'}</span>
        {trace.errorCount > 0 && <span className="tag is-bad is-errors">{count(trace.errorCount, 'error')}</span>}
        {trace.itemCount > 0 && <span className="tag is-bad is-item">{count(trace.itemCount, 'item')}</span>}
        {!trace.complete && <span className="tag">{stateOf(trace, now)}</span>}
      </span>
      <span className="trace-services">{trace.services.join(', ')}</span>
      <SplitBar trace={trace} share={trace.durationMs / scaleMs} />
      <span className="trace-duration">
        {trace.spanCount + trace.segmentCount > 0 ? duration(trace.durationMs) : '—'}
      </span>
      <span className="trace-spans">{sizeOf(trace)}</span>
      <span className="trace-age">{age(now - trace.startMs)}</span>
    </a>
  </li>
)

const sizeOf = ({ spanCount, segmentCount, itemCount, logCount }: TraceSummary): string => {
  if (spanCount > 0) return count(spanCount, 'span')
  if (segmentCount > 0) return count(segmentCount, 'segment')
  return itemCount > 0 ? count(itemCount, 'item') : count(logCount, 'line')
}

const stateOf = (trace: TraceSummary, now: number): string => {
  if (isArriving(trace, now)) return 'arriving'
  return trace.spanCount === 0 ? 'no spans' : 'incomplete'
}

/** The duration relative to the other traces, divided into page, network, server and SQL. */
const SplitBar = ({ trace, share }: { trace: TraceSummary; share: number }) => {
  const total = trace.durationMs || 1
  const part = (ms: number | null) => `${Math.min(100, ((ms ?? 0) / total) * 100)}%`
  const sql = Math.min(trace.sqlMs ?? 0, trace.serverMs ?? trace.sqlMs ?? 0)
  return (
    <span className="split" aria-hidden="true" style={splitColoursOf(trace)}>
      <span className="split-whole" style={{ width: `max(3px, ${Math.min(1, share) * 100}%)` }}>
        <span className="split-network" style={{ width: part(trace.networkMs) }} />
        <span className="split-server" style={{ width: part((trace.serverMs ?? 0) - sql) }} />
        <span className="split-sql" style={{ width: part(sql) }} />
      </span>
    </span>
  )
}
