import { trace } from '@opentelemetry/api'
import type { Answer } from '../spans/held-traces.ts'
import { vendors } from '../vendors.ts'

/** For a request that is refused before any work: only the first few refusals of an address keep their spans. */
export const refuseTrace = (address: string): void => {
  const request = trace.getActiveSpan()
  if (request) vendors().traces.refuse(request, address)
}

/**
 * The `traceparent` of an answer: the trace and the span of its request, and whether the server keeps its half. null for
 * a request that is not traced.
 */
export const openAnswerTrace = (): ((answer: Answer) => string | null) => {
  const request = trace.getActiveSpan()
  if (!request) return () => null
  const { traceId, spanId } = request.spanContext()
  return (answer) => `00-${traceId}-${spanId}-${vendors().traces.isKept(request, answer) ? '01' : '00'}`
}
