import type { IncomingMessage } from 'node:http'
import { visitHeader } from '@cruddur/wire/names'
import { context, isSpanContextValid, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'

export const currentTraceId = (): string | null => {
  const current = trace.getActiveSpan()?.spanContext()
  return current && isSpanContextValid(current) ? current.traceId : null
}

/** The current trace as text: another process can continue it from the database. */
export const currentTraceparent = (): string | null => {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

/** Runs `work` in the trace of its cause, given as `currentTraceparent` returned it. */
export const inTraceOf = <Result>(cause: string | null | undefined, work: () => Result): Result =>
  context.with(cause ? propagation.extract(ROOT_CONTEXT, { traceparent: cause }) : ROOT_CONTEXT, work)

/** Runs `work` in the trace and the visit of a request that has no span of its own. */
export const inTraceOfRequest = <Result>({ headers }: Pick<IncomingMessage, 'headers'>, work: () => Result): Result =>
  context.with(propagation.extract(ROOT_CONTEXT, headers), work)

/** The request headers that carry a trace and its visit. */
export const traceHeaders = ['traceparent', 'tracestate', visitHeader] as const
