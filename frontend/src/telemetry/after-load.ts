import { unzonedTimeout } from './before-zone.ts'
import { traceDocument } from './document.ts'
import type { ExportQueue } from './export-queue.ts'
import { reports } from './faults.ts'
import type { Interaction } from './interaction.ts'
import { sendToRelay } from './relay-exporter.ts'
import { rollbarToken } from './rollbar-settings.ts'
import { traceSlowInteractions } from './slow-interactions.ts'
import { traceVitals } from './vitals.ts'

/** The part of telemetry that the first click does not need, loaded after the page. */
export const startAfterLoad = (queue: ExportQueue, pageLoad: Interaction, relay: string): void => {
  const steps = [
    () => queue.connect(sendToRelay(relay, 5_000)),
    () => traceDocument(pageLoad),
    traceVitals,
    traceSlowInteractions,
    () => rollbarToken && void connectRollbar(),
  ]
  // One task each, so that a click never waits for more than one step.
  for (const step of steps) unzonedTimeout(step, 0)
}

/** Where an ad blocker stops the package, the reports are counted as dropped. */
const connectRollbar = async (): Promise<void> => {
  try {
    const { sendToRollbar } = await import('./rollbar.ts')
    reports.connect(sendToRollbar)
  } catch {
    reports.connect((_report, settle) => settle('blocked'))
  }
}
