import { unzonedTimeout } from './before-zone.ts'
import { traceDocument } from './document.ts'
import type { ExportQueue } from './export-queue.ts'
import { reports } from './faults.ts'
import type { Interaction } from './interaction.ts'
import { sendToRelay } from './relay-exporter.ts'
import { rollbarToken } from './rollbar-settings.ts'
import { traceSlowInteractions } from './slow-interactions.ts'
import { traceVitals } from './vitals.ts'

/** What is not needed to see the first click: loaded when the page has loaded. */
export const startAfterLoad = (queue: ExportQueue, pageLoad: Interaction, relay: string): void => {
  const steps = [
    () => queue.connect(sendToRelay(relay, 5_000)),
    () => traceDocument(pageLoad),
    traceVitals,
    traceSlowInteractions,
    () => rollbarToken && void connectRollbar(),
  ]
  // A task for each: a click never waits for more than one of them.
  for (const step of steps) unzonedTimeout(step, 0)
}

/** What was reported before waits; a browser that does not let the package in loses the reports, and nothing else. */
const connectRollbar = async (): Promise<void> => {
  try {
    const { sendToRollbar } = await import('./rollbar.ts')
    reports.connect(sendToRollbar)
  } catch {
    reports.connect((_report, settle) => settle('blocked'))
  }
}
