import { traceDocument } from './document.ts'
import type { ExportQueue } from './export-queue.ts'
import type { Interaction } from './interaction.ts'
import { RelayExporter } from './relay-exporter.ts'
import { traceVitals } from './vitals.ts'

/** What is not needed to see the first click: loaded when the page has loaded. */
export const startAfterLoad = (queue: ExportQueue, pageLoad: Interaction, relay: string): void => {
  traceDocument(pageLoad)
  traceVitals(pageLoad)
  queue.connect(new RelayExporter(relay, 5_000))
}
