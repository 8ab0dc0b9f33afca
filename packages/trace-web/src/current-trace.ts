import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'

export const currentTraceId = (): string | null => trace.getSpan(context.active())?.spanContext().traceId ?? null

/** The `traceparent` of the running action, for a span link in another tab. */
export const currentCause = (): string | null => {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

/** For work that lasts as long as the page: nothing it does later belongs to the action that started it. */
export const outsideOfInteractions = <Result>(begin: () => Result): Result => context.with(ROOT_CONTEXT, begin)
