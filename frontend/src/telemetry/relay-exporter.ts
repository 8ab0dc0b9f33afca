import { sentAtHeader } from '@cruddur/shared/telemetry'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-web'

type Done = Parameters<SpanExporter['export']>[1]

const [succeeded, failed] = [0, 1] as const
/** The browser refuses keepalive requests beyond 64 KiB in flight; headers count too. */
const keepaliveBytes = 60 * 1024

/**
 * Posts spans to the relay so that they leave even while the page goes. The stock exporter leaves the answer unread,
 * and Chromium gives keepalive bytes back only when it was read: after two or three batches no more leave the page.
 */
export class RelayExporter implements SpanExporter {
  readonly #url: string
  readonly #timeoutMs: number
  #bytesInFlight = 0

  constructor(url: string, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#post(spans).then(
      () => done({ code: succeeded }),
      (error: Error) => done({ code: failed, error }),
    )
  }

  async shutdown(): Promise<void> {}

  async #post(spans: ReadableSpan[]): Promise<void> {
    const body = JsonTraceSerializer.serializeRequest(spans)
    if (!body) throw new Error('nothing to send')
    const keepalive = this.#bytesInFlight + body.byteLength <= keepaliveBytes
    if (keepalive) this.#bytesInFlight += body.byteLength
    try {
      const answer = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [sentAtHeader]: String(Date.now()) },
        body: body as BodyInit,
        keepalive,
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
    } finally {
      if (keepalive) this.#bytesInFlight -= body.byteLength
    }
  }
}
