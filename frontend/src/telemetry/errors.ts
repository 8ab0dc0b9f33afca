import { type Context, context } from '@opentelemetry/api'
import { unzonedListen } from './before-zone.ts'
import { recordFault } from './faults.ts'

type ZoneLike = { get(key: string): unknown; run(fn: () => unknown): unknown }
declare const Zone: { current: ZoneLike; [handler: string]: unknown }

const rejectionHandler = '__zone_symbol__unhandledPromiseRejectionHandler'

/** Records uncaught errors and unhandled rejections in the trace of the action that caused them. */
export const traceErrors = (): void => {
  // Not through zone.js: React reports synchronously, so the context of the handler that threw is still active.
  unzonedListen('error', ({ error, message }) => {
    // The browser only postpones the rest to the next frame.
    if (!error && message.startsWith('ResizeObserver loop')) return
    recordFault(error ?? message, 'uncaught')
  })

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
    recordFault(reason, 'unhandled rejection', { parent: rejectedIn ?? context.active() })
    rejectedIn = undefined
  })
}
