import { type LiveEvent, liveEvent } from '@cruddur/shared/live'
import * as z from 'zod/mini'

export type Stream = Pick<EventSource, 'readyState' | 'close' | 'onopen' | 'onmessage' | 'onerror'>

export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>

export type Browser = {
  readonly openStream: () => Stream
  readonly openChannel: () => Channel | null
  /** Runs `whileHeld` once no other tab holds the lock, and holds the lock until `whileHeld` is done. */
  readonly withLock: (whileHeld: () => Promise<void>, signal: AbortSignal) => Promise<void>
  readonly later: (run: () => void, ms: number) => () => void
}

const closed = 2
const firstWaitMs = 1_000
const longestWaitMs = 30_000

/**
 * The live events. A browser opens at most six connections to a host, and a stream holds one of them as long as it is
 * open. So one tab listens for all tabs. When that tab closes, the next one takes over.
 */
export class LiveSource {
  readonly #browser: Browser
  readonly #hear: (event: LiveEvent) => void
  #stop: AbortController | undefined
  #channel: Channel | null = null
  #stream: Stream | undefined
  #cancelRetry: (() => void) | undefined
  #waitMs = firstWaitMs
  #mayHaveMissed = false

  constructor(browser: Browser, hear: (event: LiveEvent) => void) {
    this.#browser = browser
    this.#hear = hear
  }

  /** `isLate`: the page may have missed events. */
  start({ isLate = false } = {}): void {
    if (this.#stop) return
    const stop = new AbortController()
    this.#stop = stop
    this.#mayHaveMissed = isLate
    this.#channel = this.#browser.openChannel()
    if (this.#channel) this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data)
    const askedAt = performance.now()
    this.#browser
      .withLock(() => {
        // Another tab had the lock. Events between its stream and the new one were lost.
        if (performance.now() - askedAt > firstWaitMs) this.#mayHaveMissed = true
        return this.#listen(stop.signal)
      }, stop.signal)
      .catch(() => {})
  }

  stop(): void {
    this.#stop?.abort()
    this.#stop = undefined
    this.#channel?.close()
    this.#channel = null
  }

  /** For another user, who has a stream of their own. The page fetches everything again anyway. */
  restart(): void {
    if (!this.#stream && !this.#cancelRetry) return
    this.#close()
    this.#mayHaveMissed = false
    this.#open()
  }

  #listen(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    this.#open()
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => {
        this.#close()
        resolve()
      })
    })
  }

  #open(): void {
    const stream = this.#browser.openStream()
    this.#stream = stream
    stream.onopen = () => {
      this.#waitMs = firstWaitMs
      if (this.#mayHaveMissed) this.#tellAll({ kind: 'resync' })
      this.#mayHaveMissed = true
    }
    stream.onmessage = ({ data }: MessageEvent<string>) => this.#tellAll(parsed(data))
    stream.onerror = () => {
      // The browser reconnects a broken stream, but not a refused one.
      if (stream.readyState === closed) this.#retry()
    }
  }

  #retry(): void {
    this.#close()
    this.#mayHaveMissed = true
    const waitMs = this.#waitMs * (0.75 + Math.random() / 2)
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs)
    this.#cancelRetry = this.#browser.later(() => {
      this.#cancelRetry = undefined
      this.#open()
    }, waitMs)
  }

  #close(): void {
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    if (!this.#stream) return
    this.#stream.onopen = this.#stream.onmessage = this.#stream.onerror = null
    this.#stream.close()
    this.#stream = undefined
  }

  #tellAll(data: unknown): void {
    if (!this.#take(data)) return
    try {
      this.#channel?.postMessage(data)
    } catch {}
  }

  // A server or a tab of another version may send other data.
  #take(data: unknown): boolean {
    const event = z.safeParse(liveEvent(), data)
    if (event.success) this.#hear(event.data)
    return event.success
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
