import type { Span } from '../trace/span.ts'
import { colourOf } from './colours.ts'

type Given = { spanId: string | null; spans: readonly Span[]; onShow: (spanId: string) => void }

/** Where something happened, and the way there. */
export const SpanChip = ({ spanId, spans, onShow }: Given) => {
  if (!spanId) return <span className="chip is-absent">names no span</span>
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
