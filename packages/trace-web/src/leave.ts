import { endAllRequests, endAnsweredRequests } from './fetch-spans.ts'
import { endAllInteractions, endIdleInteractions } from './interaction.ts'

/** A hidden page may never come back, so finished spans are sent when it hides, and all others at `pagehide`. */
export const sendBeforeLeaving = (send: () => void): void => {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return
    endAnsweredRequests()
    endIdleInteractions()
    send()
  })
  addEventListener('pagehide', () => {
    endAllRequests('pagehide')
    endAllInteractions('pagehide')
    send()
  })
}
