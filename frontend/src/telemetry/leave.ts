import { endAllRequests, endAnsweredRequests } from './fetch-spans.ts'
import { endAllInteractions, endRestingInteractions } from './interaction.ts'
import { heldSpans, queue } from './signal-state.ts'

/** A hidden page may never be seen again, so what is known leaves now; on `pagehide` (which fires on `window`) all of it. */
export const sendBeforeLeaving = (): void => {
  const send = () => {
    heldSpans.release()
    queue.flush()
  }
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return
    endAnsweredRequests()
    endRestingInteractions()
    send()
  })
  addEventListener('pagehide', () => {
    endAllRequests('pagehide')
    endAllInteractions('pagehide')
    send()
  })
}
