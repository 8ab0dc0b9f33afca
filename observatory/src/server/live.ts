import type { ServerResponse } from 'node:http'

const gatherMs = 100
const beatMs = 15_000
const mostListeners = 64
const mostIds = 200

/** Tells open pages which traces have changed, gathered for a moment, by server-sent events. */
export class Live {
  readonly #listeners = new Set<ServerResponse>()
  #changed = new Set<string>()
  #gathering: NodeJS.Timeout | null = null
  readonly #beat = setInterval(() => this.#write(': still here\n\n'), beatMs).unref()

  listen(response: ServerResponse): void {
    if (this.#listeners.size >= mostListeners) {
      response.writeHead(503, { 'retry-after': '5' }).end()
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write('retry: 1000\n\n')
    this.#listeners.add(response)
    response.once('close', () => this.#listeners.delete(response))
  }

  /** No ids at all: something beside the traces has changed. */
  changed(traceIds: Iterable<string>): void {
    for (const traceId of traceIds) this.#changed.add(traceId)
    this.#gathering ??= setTimeout(() => this.#tell(), gatherMs).unref()
  }

  close(): void {
    clearInterval(this.#beat)
    if (this.#gathering) clearTimeout(this.#gathering)
    for (const listener of this.#listeners) listener.end()
  }

  #tell(): void {
    this.#gathering = null
    const traces = this.#changed.size > mostIds ? null : [...this.#changed]
    this.#changed = new Set()
    this.#write(`event: changed\ndata: ${JSON.stringify({ traces })}\n\n`)
  }

  #write(text: string): void {
    for (const listener of this.#listeners) {
      // A page that does not read is not waited for; it reads everything anew when it comes back.
      if (listener.writableNeedDrain) listener.destroy()
      else listener.write(text)
    }
  }
}
