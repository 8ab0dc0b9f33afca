import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-web'

type Settings = {
  capacity: number
  batchSize: number
  delayMs: number
  longestDelayMs: number
  /** How often one batch is tried before it is given up. */
  attempts: number
  isLeaving: () => boolean
  later: (run: () => void, ms: number) => void
}

/** Always: created = delivered + queued + all that was dropped. */
export type Accounts = {
  created: number
  delivered: number
  queued: number
  dropped: Record<string, number>
  /** null: the last attempt went well. */
  lastError: string | null
}

const succeeded = 0

/** Spans wait here for the exporter, which is loaded after the page, and for a relay that may be down or blocked. */
export class ExportQueue implements SpanProcessor {
  readonly #settings: Settings
  #spans: ReadableSpan[] = []
  #exporter: SpanExporter | undefined
  #armed = false
  #inFlight = 0
  #failures = 0
  #created = 0
  #delivered = 0
  #dropped: Record<string, number> = {}
  #lastError: string | null = null

  constructor(settings: Settings) {
    this.#settings = settings
  }

  state(): Accounts {
    return {
      created: this.#created,
      delivered: this.#delivered,
      queued: this.#spans.length + this.#inFlight,
      dropped: { ...this.#dropped },
      lastError: this.#lastError,
    }
  }

  connect(exporter: SpanExporter): void {
    this.#exporter = exporter
    if (this.#settings.isLeaving()) this.flush()
    else this.#next()
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#created += 1
    this.#spans.push(span)
    this.#trim()
    if (this.#settings.isLeaving()) queueMicrotask(() => this.flush())
    else this.#next()
  }

  /** Not sent because it was not meant to be. */
  leaveOut(count: number): void {
    this.#created += count
    this.#drop('not_sampled', count)
  }

  /** Everything at once: the page may be gone before any answer. */
  flush(): void {
    while (this.#exporter && this.#spans.length > 0) this.#send()
  }

  async forceFlush(): Promise<void> {
    this.flush()
  }

  async shutdown(): Promise<void> {}

  /** A full batch does not wait, unless the relay has just refused one. */
  #next(): void {
    const isFull = this.#spans.length >= this.#settings.batchSize
    if (isFull && this.#exporter && this.#inFlight === 0 && this.#failures === 0) this.#send()
    else this.#arm()
  }

  #arm(): void {
    if (this.#armed || !this.#exporter || this.#spans.length === 0) return
    this.#armed = true
    const { delayMs, longestDelayMs, later } = this.#settings
    later(
      () => {
        this.#armed = false
        if (this.#inFlight > 0) return
        this.#send()
      },
      Math.min(delayMs * 2 ** this.#failures, longestDelayMs),
    )
  }

  #send(): void {
    const batch = this.#spans.splice(0, this.#settings.batchSize)
    if (batch.length === 0) return
    this.#inFlight += batch.length
    const settle = once((problem: string | null) => {
      this.#inFlight -= batch.length
      this.#lastError = problem
      if (problem === null) {
        this.#failures = 0
        this.#delivered += batch.length
      } else this.#failed(batch)
      this.#next()
    })
    try {
      this.#exporter?.export(batch, ({ code, error }) => settle(code === succeeded ? null : wordsOf(error)))
    } catch (error) {
      settle(wordsOf(error))
    }
  }

  #failed(batch: ReadableSpan[]): void {
    this.#failures += 1
    if (this.#failures % this.#settings.attempts === 0) {
      this.#drop('refused', batch.length)
      return
    }
    this.#spans.unshift(...batch)
    this.#trim()
  }

  #trim(): void {
    const surplus = this.#spans.length + this.#inFlight - this.#settings.capacity
    if (surplus > 0) this.#drop('queue_full', this.#spans.splice(0, surplus).length)
  }

  #drop(reason: string, count: number): void {
    this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown')

const once = <Value>(fn: (value: Value) => void): ((value: Value) => void) => {
  let called = false
  return (value) => {
    if (called) return
    called = true
    fn(value)
  }
}
