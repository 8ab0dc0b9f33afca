import { SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'

const slowMs = 1_000
const maxTraces = 1_000
const maxSpansOfTrace = 128

/** Requests that failed or were slow are kept whatever the sampling: their spans wait here until the request has ended. */
export class KeepFaults implements SpanProcessor {
  readonly #next: readonly SpanProcessor[]
  readonly #waiting = new Map<string, ReadableSpan[]>()

  constructor(next: readonly SpanProcessor[]) {
    this.#next = next
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext()
    if (traceFlags & TraceFlags.SAMPLED) {
      this.#pass(span)
      return
    }
    const waiting = this.#waiting.get(traceId) ?? []
    if (waiting.length < maxSpansOfTrace) waiting.push(span)
    if (!isLocalRoot(span)) {
      this.#waiting.set(traceId, waiting)
      if (this.#waiting.size > maxTraces) this.#waiting.delete(this.#waiting.keys().next().value as string)
      return
    }
    // What a request announced may have been delivered before the request has ended: only what hangs below is its own.
    const own = withDescendants(span, waiting)
    const others = waiting.filter((one) => !own.has(one))
    if (others.length === 0) this.#waiting.delete(traceId)
    else this.#waiting.set(traceId, others)
    if (isWorthKeeping(span)) for (const kept of waiting) if (own.has(kept)) this.#pass(asSampled(kept))
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#next.map((processor) => processor.forceFlush()))
  }

  async shutdown(): Promise<void> {
    await Promise.all(this.#next.map((processor) => processor.shutdown()))
  }

  #pass(span: ReadableSpan): void {
    for (const processor of this.#next) processor.onEnd(span)
  }
}

const isLocalRoot = ({ parentSpanContext }: ReadableSpan): boolean =>
  parentSpanContext === undefined || parentSpanContext.isRemote === true

// Children end before their parents, so that backwards a parent comes first.
const withDescendants = (root: ReadableSpan, spans: readonly ReadableSpan[]): Set<ReadableSpan> => {
  const found = new Set([root])
  const ids = new Set([root.spanContext().spanId])
  for (const span of spans.toReversed()) {
    if (!ids.has(span.parentSpanContext?.spanId ?? '')) continue
    found.add(span)
    ids.add(span.spanContext().spanId)
  }
  return found
}

const isWorthKeeping = (root: ReadableSpan): boolean =>
  root.status.code === SpanStatusCode.ERROR || hrTimeToMilliseconds(root.duration) >= slowMs

const asSampled = (span: ReadableSpan): ReadableSpan =>
  Object.create(span, {
    spanContext: { value: () => ({ ...span.spanContext(), traceFlags: TraceFlags.SAMPLED }) },
  })
