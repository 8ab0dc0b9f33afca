import { type Span, trace } from '@opentelemetry/api'
import type { Answer } from './held-traces.ts'

type IsKept = (request: Span, answer: Answer) => boolean

let isKept: IsKept = () => true

export const answerBy = (decide: IsKept): void => {
  isKept = decide
}

/**
 * For the request that is being answered: as a `traceparent`, its trace, its span, and whether the server keeps its half.
 * null: it is not traced.
 */
export const openAnswerTrace = (): ((answer: Answer) => string | null) => {
  const request = trace.getActiveSpan()
  if (!request) return () => null
  const { traceId, spanId } = request.spanContext()
  return (answer) => `00-${traceId}-${spanId}-${isKept(request, answer) ? '01' : '00'}`
}
