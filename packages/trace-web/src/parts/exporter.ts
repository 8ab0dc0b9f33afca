import { relayPath } from '@cruddur/wire/names'
import { type ExportResult, ExportResultCode } from '@opentelemetry/core'
import type { ReadableSpan, SpanExporter } from '#sdk'
import { sendToRelay } from '../relay-exporter.ts'
import { createSpanQueue } from '../signals.ts'

export { sendBeforeLeaving } from '../leave.ts'
export { sendToRelay } from '../relay-exporter.ts'
export { createSpanQueue, holdSpans } from '../signals.ts'

/** For a provider's `SimpleSpanProcessor`: spans wait in a queue with a limit and an account, and leave in batches. */
export class RelayExporter implements SpanExporter {
  readonly queue = createSpanQueue()

  constructor({ url = relayPath }: { url?: string } = {}) {
    this.queue.connect(sendToRelay(url))
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    for (const span of spans) this.queue.add(span)
    done({ code: ExportResultCode.SUCCESS })
  }

  async forceFlush(): Promise<void> {
    this.queue.flush()
  }

  async shutdown(): Promise<void> {
    this.queue.flush()
  }
}
