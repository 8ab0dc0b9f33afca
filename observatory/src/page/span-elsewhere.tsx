import { segmentRows } from '../trace/segment.ts'
import type { Trace } from '../trace/span.ts'
import { count } from './format.ts'

type Given = { trace: Trace; spanId: string; onLeave: () => void }

/** What the other three have under the id of this span. */
export const SpanElsewhere = ({ trace, spanId, onLeave }: Given) => {
  const segment = segmentRows(trace.segments).find((row) => row.segment.id === spanId)
  const items = trace.items.filter((item) => item.spanId === spanId)
  const lines = trace.logs.filter((line) => line.spanId === spanId)
  if (!segment && items.length + lines.length === 0) return null
  const kind = segment?.depth === 0 && segment.segment.type !== 'subsegment' ? 'Segment' : 'Subsegment'
  return (
    <section className="elsewhere" aria-label="The same span elsewhere">
      {segment && <Jump onLeave={onLeave} to={`segment-${spanId}`} words={`${kind} ${segment.segment.name}`} />}
      {items[0] && <Jump onLeave={onLeave} to={`item-${items[0].uuid}`} words={count(items.length, 'Rollbar item')} />}
      {lines[0] && <Jump onLeave={onLeave} to={`line-${lines[0].id}`} words={count(lines.length, 'log line')} />}
    </section>
  )
}

const Jump = ({ to, words, onLeave }: { to: string; words: string; onLeave: () => void }) => {
  const jump = () => {
    onLeave()
    const place = document.getElementById(to)
    if (place instanceof HTMLDetailsElement) place.open = true
    place?.scrollIntoView({ block: 'center' })
    place?.querySelector('summary')?.focus({ preventScroll: true })
  }
  return (
    <button type="button" className="chip" onClick={jump}>
      <span className="chip-text">{words}</span>
    </button>
  )
}
