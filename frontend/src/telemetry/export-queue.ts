import type { SignalAccount } from '@cruddur/shared/health'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'

/** What became of one batch. `unsent` may be sent again, `refused` never. */
export type Outcome =
  | { is: 'delivered'; rejected: number; problem: string | null }
  | { is: 'refused'; problem: string }
  | { is: 'unsent'; problem: string; retryAfterMs: number }

export type SendSpans = (spans: ReadableSpan[]) => Promise<Outcome>

type Settings = {
  capacity: number
  batchSize: number
  delayMs: number
  maxDelayMs: number
  isUrgent: () => boolean
  isOnline: () => boolean
  now: () => number
  later: (run: () => void, ms: number) => void
}

/** `lastError` is null when the last attempt went well. */
export type Accounts = SignalAccount & { lastError: string | null }

/** Spans wait here until the exporter is loaded, and while the relay or the network is down. */
export class ExportQueue implements SpanProcessor {
  readonly #settings: Settings
  #spans: ReadableSpan[] = []
  #sendSpans: SendSpans | undefined
  #timer: object | undefined
  #inFlight = 0
  #failures = 0
  #notBefore = 0
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

  connect(sendSpans: SendSpans): void {
    this.#sendSpans = sendSpans
    if (this.#settings.isUrgent()) this.flush()
    else this.#sendOrWait()
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#created += 1
    this.#spans.push(span)
    this.#trim()
    if (this.#settings.isUrgent()) queueMicrotask(() => this.flush())
    else this.#sendOrWait()
  }

  /** Counts spans that sampling left out. */
  leaveOut(count: number): void {
    this.#created += count
    this.#drop('not_sampled', count)
  }

  /** Sends everything now, without waiting for answers: the page may close. */
  flush(): void {
    while (this.#maySend() && this.#spans.length > 0) void this.#send()
  }

  /** The network is back: forgets the back-off. */
  sendNow(): void {
    this.#failures = 0
    this.#timer = undefined
    if (this.#maySend() && this.#inFlight === 0) void this.#send()
    else this.#startTimer()
  }

  async forceFlush(): Promise<void> {
    this.flush()
  }

  async shutdown(): Promise<void> {}

  #maySend(): boolean {
    return this.#sendSpans !== undefined && this.#settings.now() >= this.#notBefore
  }

  /** A full batch leaves at once, unless the previous one failed or is still on its way. */
  #sendOrWait(): void {
    const isFull = this.#spans.length >= this.#settings.batchSize
    if (isFull && this.#failures === 0 && this.#inFlight === 0 && this.#maySend()) void this.#send()
    else this.#startTimer()
  }

  #startTimer(): void {
    if (this.#timer || !this.#sendSpans || this.#spans.length === 0) return
    const timer = {}
    this.#timer = timer
    this.#settings.later(() => {
      if (this.#timer !== timer) return
      this.#timer = undefined
      if (this.#inFlight === 0) void this.#send()
    }, this.#delayMs())
  }

  #delayMs(): number {
    const { delayMs, maxDelayMs, isOnline, now } = this.#settings
    // A browser that says it is offline may be wrong, so sending is still tried, slowly.
    const backoffMs = isOnline() ? Math.min(delayMs * 2 ** this.#failures, maxDelayMs) : maxDelayMs
    return Math.max(backoffMs, this.#notBefore - now())
  }

  async #send(): Promise<void> {
    const batch = this.#spans.splice(0, this.#settings.batchSize)
    if (!this.#sendSpans || batch.length === 0) return
    const failuresBefore = this.#failures
    this.#inFlight += batch.length
    const outcome = await this.#sendSpans(batch)
    this.#inFlight -= batch.length
    this.#lastError = outcome.problem
    if (outcome.is === 'unsent') {
      this.#failures = failuresBefore + 1
      this.#notBefore = Math.max(this.#notBefore, this.#settings.now() + outcome.retryAfterMs)
      this.#spans.unshift(...batch)
    } else {
      this.#failures = 0
      const lost = outcome.is === 'refused' ? batch.length : Math.min(outcome.rejected, batch.length)
      this.#delivered += batch.length - lost
      this.#drop(outcome.is === 'refused' ? 'refused' : 'rejected', lost)
    }
    this.#sendOrWait()
  }

  #trim(): void {
    const surplus = this.#spans.length + this.#inFlight - this.#settings.capacity
    if (surplus > 0) this.#drop('queue_full', this.#spans.splice(0, surplus).length)
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
  }
}
