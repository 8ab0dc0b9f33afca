import type { ExportQueue } from './export-queue.ts'
import { endAllRequests, endAnsweredRequests } from './fetch-spans.ts'
import { endAllInteractions, endRestingInteractions } from './interaction.ts'

/** A hidden page may never be seen again, so what is known leaves now; on `pagehide` (which fires on `window`) all of it. */
export const sendBeforeLeaving = (queue: ExportQueue): void => {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return
    endAnsweredRequests()
    endRestingInteractions()
    queue.flush()
  })
  addEventListener('pagehide', () => {
    endAllRequests('pagehide')
    endAllInteractions('pagehide')
    queue.flush()
  })
}
