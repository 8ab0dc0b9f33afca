import type { ExportQueue } from './export-queue.ts'
import { endRequests } from './fetch-spans.ts'
import { endInteractions } from './interaction.ts'

/** A hidden page may never be seen again, so what is known leaves now; on `pagehide` (which fires on `window`) all of it. */
export const sendBeforeLeaving = (queue: ExportQueue): void => {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'hidden') return
    endRequests('hidden', 'answered')
    queue.flush()
  })
  addEventListener('pagehide', () => {
    endRequests('pagehide', 'all')
    endInteractions('pagehide')
    queue.flush()
  })
}
