import { context, trace } from '@opentelemetry/api'

export { type Action, onAction } from './interaction.ts'
export { withInteraction } from './interactions.ts'
export { setUser } from './page-attributes.ts'
export { setRoute } from './route.ts'
export { signalState } from './signal-state.ts'

export const currentTraceId = (): string | null => trace.getSpan(context.active())?.spanContext().traceId ?? null
