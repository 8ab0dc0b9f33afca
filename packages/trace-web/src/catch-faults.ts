import { listenForRejections } from '#context'
import { plainListen } from './context/outside.ts'
import { recordFault } from './faults.ts'

/** Records uncaught errors and unhandled rejections in the trace of the action that caused them. */
export const traceFaults = (): void => {
  // Not in the context of this call: React reports synchronously, so the context of the handler that threw is still active.
  plainListen('error', ({ error, message }) => {
    // This is no fault: the browser postpones the other callbacks to the next frame.
    if (!error && message.startsWith('ResizeObserver loop')) return
    recordFault(error ?? message, 'uncaught')
  })
  listenForRejections((reason) => recordFault(reason, 'unhandled rejection'))
}
