import type { AttributeKey, SpanName } from '@cruddur/shared/telemetry'
import { serviceName } from '@cruddur/shared/telemetry'
import { type AttributeValue, isSpanContextValid, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { isFault } from '../errors.ts'

export { shutdownTelemetry } from './lifecycle.ts'

type Facts = Partial<Record<AttributeKey, AttributeValue>>

const tracer = trace.getTracer(serviceName.backend)
const recorded = new WeakSet<Error>()

/** One span around one use case. An answer below 500 leaves it alone; a fault is an error, recorded where it happened. */
export const traced =
  <Args extends unknown[], Result>(name: SpanName, work: (...args: Args) => Promise<Result>) =>
  (...args: Args): Promise<Result> =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        return await work(...args)
      } catch (error) {
        if (isFault(error)) record(span, error)
        throw error
      } finally {
        span.end()
      }
    })

/** Facts about what the current span does. */
export const annotate = (facts: Facts): void => {
  trace.getActiveSpan()?.setAttributes(facts)
}

/** A fault that reached the edge: the request's own span says so too. */
export const reportFault = (error: unknown): void => {
  const span = trace.getActiveSpan()
  if (span) record(span, error)
}

export const currentTraceId = (): string | null => {
  const context = trace.getActiveSpan()?.spanContext()
  return context && isSpanContextValid(context) ? context.traceId : null
}

// One exception is one event in a trace, however many spans it passes through.
const record = (span: Span, thrown: unknown): void => {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  if (recorded.has(error)) return
  recorded.add(error)
  span.recordException(error)
}
