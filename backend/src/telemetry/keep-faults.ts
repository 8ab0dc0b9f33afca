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
    const spans = this.#waiting.get(traceId) ?? []
    if (spans.length < maxSpansOfTrace) spans.push(span)
    this.#waiting.set(traceId, spans)
    if (isLocalRoot(span)) {
      this.#waiting.delete(traceId)
      if (isWorthKeeping(span)) for (const kept of spans) this.#pass(asSampled(kept))
    } else if (this.#waiting.size > maxTraces) {
      this.#waiting.delete(this.#waiting.keys().next().value as string)
    }
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

const isWorthKeeping = (root: ReadableSpan): boolean =>
  root.status.code === SpanStatusCode.ERROR || hrTimeToMilliseconds(root.duration) >= slowMs

const asSampled = (span: ReadableSpan): ReadableSpan =>
  Object.create(span, {
    spanContext: { value: () => ({ ...span.spanContext(), traceFlags: TraceFlags.SAMPLED }) },
  })
