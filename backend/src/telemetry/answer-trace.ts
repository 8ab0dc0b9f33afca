import { trace } from '@opentelemetry/api'
import type { Answer } from './held-traces.ts'
import type { RefusalKeeper } from './refused-traces.ts'

type Keeper = Pick<RefusalKeeper, 'isKept' | 'refuse'>

let keeper: Keeper = { isKept: () => true, refuse: () => {} }

export const answerBy = (decider: Keeper): void => {
  keeper = decider
}

/** For a request that is refused before any work is done for it: of one address, the spans of only a few are kept. */
export const refuseTrace = (address: string): void => {
  const request = trace.getActiveSpan()
  if (request) keeper.refuse(request, address)
}

/**
 * For the request that is being answered: as a `traceparent`, its trace, its span, and whether the server keeps its half.
 * null: it is not traced.
 */
export const openAnswerTrace = (): ((answer: Answer) => string | null) => {
  const request = trace.getActiveSpan()
  if (!request) return () => null
  const { traceId, spanId } = request.spanContext()
  return (answer) => `00-${traceId}-${spanId}-${keeper.isKept(request, answer) ? '01' : '00'}`
}
