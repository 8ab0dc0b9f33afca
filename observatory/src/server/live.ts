import type { ServerResponse } from 'node:http'

const gatherMs = 100
const heartbeatMs = 15_000
const maxListeners = 64
const maxIds = 200

/** Tells open pages by server-sent events which traces have changed. */
export class Live {
  readonly #listeners = new Set<ServerResponse>()
  #changed = new Set<string>()
  #gathering: NodeJS.Timeout | null = null
  readonly #heartbeat = setInterval(() => this.#write(': still here\n\n'), heartbeatMs).unref()

  listen(response: ServerResponse): void {
    if (this.#listeners.size >= maxListeners) {
      response.writeHead(503, { 'retry-after': '5' }).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 1000\n\n')
    this.#listeners.add(response)
    response.once('close', () => this.#listeners.delete(response))
  }

  /** Without an id, something other than a trace has changed. */
  changed(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) this.#changed.add(traceId)
    this.#gathering ??= setTimeout(() => this.#tell(), gatherMs).unref()
  }

  close(): void {
    clearInterval(this.#heartbeat)
    if (this.#gathering) clearTimeout(this.#gathering)
    for (const listener of this.#listeners) listener.end()
  }

  #tell(): void {
    this.#gathering = null
    const traces = this.#changed.size > maxIds ? null : [...this.#changed]
    this.#changed = new Set()
    this.#write(`event: changed\ndata: ${JSON.stringify({ traces })}\n\n`)
  }

  #write(text: string): void {
    for (const listener of this.#listeners) {
      // A page that does not read is dropped. It loads everything again when it reconnects.
      if (listener.writableNeedDrain) listener.destroy()
      else listener.write(text)
    }
  }
}
