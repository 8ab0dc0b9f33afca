import { type LiveEvent, liveEvent } from '@cruddur/shared/live'
import * as z from 'zod/mini'

/** What of an `EventSource` is needed. */
export type Stream = Pick<EventSource, 'readyState' | 'close' | 'onopen' | 'onmessage' | 'onerror'>

/** What of a `BroadcastChannel` is needed. */
export type Channel = Pick<BroadcastChannel, 'postMessage' | 'close' | 'onmessage'>

export type Surroundings = {
  readonly openStream: () => Stream
  readonly openChannel: () => Channel | null
  /** Runs `turn` when no other tab has its turn, and keeps it until `turn` is done. */
  readonly waitForTurn: (turn: () => Promise<void>, signal: AbortSignal) => Promise<void>
  readonly later: (run: () => void, ms: number) => () => void
}

const closed = 2
const firstWaitMs = 1_000
const longestWaitMs = 30_000

/**
 * What others do, as it happens. A browser opens six connections to a host, and a stream holds one for ever: so one tab
 * listens for all of them, and when it goes, the next one does.
 */
export class LiveSource {
  readonly #around: Surroundings
  readonly #hear: (event: LiveEvent) => void
  #stop: AbortController | undefined
  #channel: Channel | null = null
  #stream: Stream | undefined
  #cancelRetry: (() => void) | undefined
  #waitMs = firstWaitMs
  #hasHeard = false

  constructor(around: Surroundings, hear: (event: LiveEvent) => void) {
    this.#around = around
    this.#hear = hear
  }

  /** `isLate`: something may have happened that this page has not heard of. */
  start({ isLate = false } = {}): void {
    if (this.#stop) return
    const stop = new AbortController()
    this.#stop = stop
    this.#hasHeard = isLate
    this.#channel = this.#around.openChannel()
    if (this.#channel) this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#take(data)
    const askedAt = performance.now()
    this.#around
      .waitForTurn(() => {
        // Whoever had the turn before has gone, and what came in between went to nobody.
        if (performance.now() - askedAt > firstWaitMs) this.#hasHeard = true
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

  /** Somebody else acts: what concerns them comes by another stream, and all that is shown is read anew for them anyhow. */
  restart(): void {
    if (!this.#stream && !this.#cancelRetry) return
    this.#close()
    this.#hasHeard = false
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
    const stream = this.#around.openStream()
    this.#stream = stream
    stream.onopen = () => {
      this.#waitMs = firstWaitMs
      if (this.#hasHeard) this.#tellAll({ kind: 'resync' })
      this.#hasHeard = true
    }
    stream.onmessage = ({ data }: MessageEvent<string>) => this.#tellAll(parsed(data))
    stream.onerror = () => {
      // A connection that broke is opened again by the browser; one that was refused is not.
      if (stream.readyState === closed) this.#retry()
    }
  }

  #retry(): void {
    this.#close()
    this.#hasHeard = true
    const waitMs = this.#waitMs * (0.75 + Math.random() / 2)
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs)
    this.#cancelRetry = this.#around.later(() => {
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

  #tellAll(said: unknown): void {
    if (!this.#take(said)) return
    try {
      this.#channel?.postMessage(said)
    } catch {}
  }

  // A server or a tab of another version may say something else.
  #take(said: unknown): boolean {
    const event = z.safeParse(liveEvent(), said)
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
