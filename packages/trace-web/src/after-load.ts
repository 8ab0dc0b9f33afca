import { relayPath } from '@cruddur/wire/names'
import { connectReports } from './connect-reports.ts'
import { plainTimeout } from './context/outside.ts'
import { traceDocument } from './document.ts'
import type { Interaction } from './interaction.ts'
import type { PageOptions } from './options.ts'
import { sendToRelay } from './relay-exporter.ts'
import { spanQueue } from './signals.ts'
import { traceSlowInteractions } from './slow-interactions.ts'
import { traceVitals } from './vitals.ts'

/** The part of the tracing that the first click does not need, loaded after the page. */
export const startAfterLoad = (pageLoad: Interaction, { relayUrl = relayPath, version }: PageOptions): void => {
  const steps = [
    () => spanQueue.connect(sendToRelay(relayUrl)),
    () => traceDocument(pageLoad),
    traceVitals,
    traceSlowInteractions,
    () => void connectReports(version),
  ]
  // One task each, so that a click never waits for more than one step.
  for (const step of steps) plainTimeout(step, 0)
}
