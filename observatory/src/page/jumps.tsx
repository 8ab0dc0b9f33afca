import { segmentRows } from '../trace/segment.ts'
import type { Span, Trace } from '../trace/span.ts'
import { colourOf } from './colours.ts'
import { count } from './format.ts'

/** The counts of the four signals. Each button leads to its section. */
export const SignalsNav = ({ trace: { summary } }: { trace: Trace }) => {
  const signals: [string, string, number][] = [
    ['spans', 'Spans', summary.spanCount],
    ['xray', 'X-Ray', summary.segmentCount],
    ['rollbar', 'Rollbar', summary.itemCount],
    ['logs', 'Logs', summary.logCount],
  ]
  const jump = (id: string) => {
    const section = document.getElementById(id)
    section?.scrollIntoView({ block: 'start' })
    section?.focus({ preventScroll: true })
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

type SpanChipProps = { spanId: string | null; spans: readonly Span[]; onShow: (spanId: string) => void }

/** Leads from a segment, an item or a log line to its span. */
export const SpanChip = ({ spanId, spans, onShow }: SpanChipProps) => {
  if (!spanId) return <span className="chip is-absent">no span id</span>
  const span = spans.find((one) => one.spanId === spanId)
  if (!span) {
    return (
      <span className="chip is-absent">
        span <code>{spanId}</code> has not arrived
      </span>
    )
  }
  return (
    <button type="button" className="chip" onClick={() => onShow(spanId)}>
      <span className="dot" data-colour={colourOf(span)} aria-hidden="true" />
      <span className="chip-text">Show span {span.name}</span>
    </button>
  )
}

type SpanElsewhereProps = { trace: Trace; spanId: string; onLeave: () => void }

/** Leads from a span to its segment, items and log lines. */
export const SpanElsewhere = ({ trace, spanId, onLeave }: SpanElsewhereProps) => {
  const segment = segmentRows(trace.segments).find((row) => row.segment.id === spanId)
  const [item, ...otherItems] = trace.items.filter((one) => one.spanId === spanId)
  const [line, ...otherLines] = trace.logs.filter((one) => one.spanId === spanId)
  if (!segment && !item && !line) return null
  const kind = segment?.depth === 0 && segment.segment.type !== 'subsegment' ? 'Segment' : 'Subsegment'
  const jump = (id: string) => {
    onLeave()
    const target = document.getElementById(id)
    if (target instanceof HTMLDetailsElement) target.open = true
    target?.scrollIntoView({ block: 'center' })
    target?.querySelector('summary')?.focus({ preventScroll: true })
  }
  const chip = (id: string, label: string) => (
    <button type="button" className="chip" onClick={() => jump(id)}>
      <span className="chip-text">{label}</span>
    </button>
  )
  return (
    <section className="elsewhere" aria-label="The same span elsewhere">
      {segment && chip(`segment-${spanId}`, `${kind} ${segment.segment.name}`)}
      {item && chip(`item-${item.uuid}`, count(1 + otherItems.length, 'Rollbar item'))}
      {line && chip(`line-${line.id}`, count(1 + otherLines.length, 'log line'))}
    </section>
  )
}
