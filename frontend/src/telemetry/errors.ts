import { type Context, context, SpanStatusCode, trace } from '@opentelemetry/api'
import { unzonedListen } from './before-zone.ts'
import { scrub } from './url-template.ts'

type ZoneLike = { get(key: string): unknown; run(fn: () => unknown): unknown }
declare const Zone: { current: ZoneLike; [handler: string]: unknown }

const rejectionHandler = '__zone_symbol__unhandledPromiseRejectionHandler'

const recordException = (thrown: unknown, parent: Context): void => {
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown))
  const span = trace.getTracer('errors').startSpan('exception', {}, parent)
  span.recordException({ name, message: scrub(message), ...(stack && { stack: scrub(stack) }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(message) }).end()
}

/** Uncaught errors and rejections nobody handled, in the trace of the action that they came from. */
export const traceErrors = (): void => {
  // Not through zone.js: React reports synchronously, so that the context of the handler that threw is still active.
  unzonedListen('error', ({ error, message }) => recordException(error ?? message, context.active()))

  let rejectedIn: Context | undefined
  const handler = Zone[rejectionHandler]
  if (typeof handler === 'function')
    Zone[rejectionHandler] = function (this: unknown, rejection: { zone?: ZoneLike }) {
      rejection.zone?.run(() => {
        rejectedIn = context.active()
      })
      return handler.call(this, rejection)
    }
  addEventListener('unhandledrejection', ({ reason }) => {
    recordException(reason, rejectedIn ?? context.active())
    rejectedIn = undefined
  })
}
