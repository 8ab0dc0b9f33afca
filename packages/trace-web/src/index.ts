import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'

export { onFault, referenceOf } from './faults.ts'
export { type Action, onAction } from './interaction.ts'
export { actions, inBackground, inTrace, withInteraction } from './interactions.ts'
export type { PageOptions } from './options.ts'
export { setRoute, setUser } from './page-attributes.ts'
export { isTraceKept, pageSignals } from './signals.ts'

export const currentTraceId = (): string | null => trace.getSpan(context.active())?.spanContext().traceId ?? null

/** The `traceparent` of the running action, for a span link in another tab. */
export const currentCause = (): string | null => {
  const carrier: { traceparent?: string } = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

/** For work that lasts as long as the page: nothing it does later belongs to the action that started it. */
export const outsideOfInteractions = <Result>(begin: () => Result): Result => context.with(ROOT_CONTEXT, begin)
