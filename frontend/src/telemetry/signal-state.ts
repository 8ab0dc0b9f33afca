import { unzonedTimeout } from './before-zone.ts'
import { ExportQueue, type SignalState } from './export-queue.ts'

export const queue = new ExportQueue({
  capacity: 1_000,
  batchSize: 50,
  delayMs: 1_000,
  longestDelayMs: 60_000,
  attempts: 3,
  isLeaving: () => document.visibilityState === 'hidden',
  later: (run, ms) => unzonedTimeout(run, ms),
})

/** Every span that ended was delivered, waits, or was dropped. */
export const signalState = (): SignalState => queue.state()
