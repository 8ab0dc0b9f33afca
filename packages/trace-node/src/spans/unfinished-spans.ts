import { attr } from '@cruddur/wire/names'
import { SpanStatusCode } from '@opentelemetry/api'
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace'

/** Spans that have not ended. A process that crashes ends them, or they would be lost. */
class UnfinishedSpans implements SpanProcessor {
  readonly #spans = new Set<Span>()

  onStart(span: Span): void {
    this.#spans.add(span)
  }

  onEnd(span: object): void {
    this.#spans.delete(span as Span)
  }

  traceIds(most: number): string[] {
    return [...new Set([...this.#spans].map((span) => span.spanContext().traceId))].slice(0, most)
  }

  /** Children began last, so they end first. */
  endAll(endedBy: string): void {
    for (const span of [...this.#spans].reverse()) {
      span.setAttribute(attr.endedBy, endedBy)
      // A span that has failed keeps its own message.
      if (span.status.code === SpanStatusCode.UNSET) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: 'The process crashed.' })
      }
      span.end()
    }
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

export const unfinishedSpans = new UnfinishedSpans()
