import { plainTimeout } from './context/outside.ts'
import { traceDocument } from './document.ts'
import { reportQueue } from './faults.ts'
import type { Interaction } from './interaction.ts'
import { pageOptions } from './options.ts'
import { sendToRelay } from './relay-exporter.ts'
import { relayUrl, spanQueue } from './signals.ts'
import { traceSlowInteractions } from './slow-interactions.ts'
import { traceVitals } from './vitals.ts'

/** The part of telemetry that the first click does not need, loaded after the page. */
export const startAfterLoad = (pageLoad: Interaction): void => {
  const steps = [
    () => spanQueue.connect(sendToRelay(relayUrl(), 5_000)),
    () => traceDocument(pageLoad),
    traceVitals,
    traceSlowInteractions,
    () => pageOptions().rollbar?.token && void connectRollbar(),
  ]
  // One task each, so that a click never waits for more than one step.
  for (const step of steps) plainTimeout(step, 0)
}

/** If an ad blocker stops the package, the reports are counted as dropped. */
const connectRollbar = async (): Promise<void> => {
  try {
    const { sendToRollbar } = await import('./rollbar-sender.ts')
    reportQueue.connect(sendToRollbar)
  } catch {
    reportQueue.connect(async () => ({ is: 'refused', problem: 'blocked', reason: 'blocked' }))
  }
}
