import type { Span } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { Budget, type Limits } from '../budget.ts'
import { RecentMap } from '../recent-map.ts'
import type { Signal } from '../vendors/signal.ts'
import type { Half, TraceKeeper } from './held-traces.ts'

/** `refuse` marks a request that is refused before any work, and so has no other span. */
export type RefusalKeeper = TraceKeeper & { readonly refuse: (request: Span, address: string) => void }

/** The same limit as for lines in the log. */
const keptRefusals: Limits = { each: { burst: 20, perSecond: 1 } }
const remembered = 20_000

/** Bounds the spans of refused requests: without a limit one address could make any number, and vendors bill spans. */
export const limitRefusals = (traces: TraceKeeper, signals: Readonly<Record<Half, Signal>>): RefusalKeeper => {
  const budget = new Budget(keptRefusals)
  const leftOut = new RecentMap<string, true>(remembered)
  /** By trace id: when all requests of a trace were left out, the page's half is left out too. */
  const isAllLeftOut = new RecentMap<string, boolean>(remembered)

  const leaveOut = (half: Half, spans: number) => {
    if (spans === 0) return
    signals[half].created(spans)
    signals[half].leftOut('refused_request', spans)
  }
  const endServerSpan = (span: ReadableSpan) => {
    if (leftOut.has(span.spanContext().spanId)) leaveOut('server', 1)
    else traces.server.onEnd(span)
  }

  return {
    close: (deadlineMs) => traces.close(deadlineMs),
    server: { ...traces.server, onEnd: endServerSpan },
    refuse: (request, address) => {
      if (budget.spend(address) === 0) return
      const { traceId, spanId } = request.spanContext()
      leftOut.set(spanId, true)
      // Its parent, the span of the page's own server, arrives later.
      const { parentSpanContext } = request as Span & Partial<ReadableSpan>
      if (parentSpanContext) leftOut.set(parentSpanContext.spanId, true)
      isAllLeftOut.set(traceId, isAllLeftOut.get(traceId) ?? true)
    },
    isKept: (request, answer) => {
      const { traceId, spanId } = request.spanContext()
      if (leftOut.has(spanId)) return false
      isAllLeftOut.set(traceId, false)
      return traces.isKept(request, answer)
    },
    acceptBrowserSpans: (spans, address) => {
      const accepted = spans.filter((span) => !isAllLeftOut.get(span.spanContext().traceId))
      leaveOut('browser', spans.length - accepted.length)
      traces.acceptBrowserSpans(accepted, address)
    },
  }
}
