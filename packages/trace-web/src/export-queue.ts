import type { SignalAccount } from '@cruddur/wire/signal-account'

/** The result for one batch. Only an `unsent` batch may be sent again. `reason` names the loss in the account. */
export type Outcome =
  | { is: 'delivered'; rejected: number; problem: string | null }
  | { is: 'refused'; problem: string; reason: string }
  | { is: 'unsent'; problem: string; retryAfterMs: number }

export type Send<Item> = (batch: Item[]) => Promise<Outcome>

type Settings = {
  capacity: number
  batchSize: number
  delayMs: number
  maxDelayMs: number
  /** Whether a new item is sent immediately, not with the next batch. */
  isUrgent: () => boolean
  isOnline: () => boolean
  now: () => number
  setTimer: (run: () => void, ms: number) => void
}

/** `lastError` is null when the last attempt succeeded. */
export type Account = SignalAccount & { lastError: string | null }

/** Spans and error reports wait here until their sender is loaded, and while the relay or the network is down. */
export class ExportQueue<Item> {
  readonly #settings: Settings
  #items: Item[] = []
  #sendBatch: Send<Item> | undefined
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

  account(): Account {
    return {
      created: this.#created,
      delivered: this.#delivered,
      queued: this.#items.length + this.#inFlight,
      dropped: { ...this.#dropped },
      lastError: this.#lastError,
    }
  }

  connect(send: Send<Item>): void {
    this.#sendBatch = send
    if (this.#settings.isUrgent()) this.flush()
    else this.#sendOrWait()
  }

  add(item: Item): void {
    this.#created += 1
    this.#items.push(item)
    const surplus = this.#items.length + this.#inFlight - this.#settings.capacity
    if (surplus > 0) this.#drop('queue_full', this.#items.splice(0, surplus).length)
    if (this.#settings.isUrgent()) queueMicrotask(() => this.flush())
    else this.#sendOrWait()
  }

  /** Counts items that sampling left out. */
  countNotSampled(count: number): void {
    this.#created += count
    this.#drop('not_sampled', count)
  }

  /** Sends everything now, without waiting for answers: the page may close. */
  flush(): void {
    while (this.#maySend() && this.#items.length > 0) void this.#send()
  }

  /** The network is back: forgets the back-off. */
  sendNow(): void {
    this.#failures = 0
    this.#timer = undefined
    if (this.#maySend() && this.#inFlight === 0) void this.#send()
    else this.#startTimer()
  }

  #maySend(): boolean {
    return this.#sendBatch !== undefined && this.#settings.now() >= this.#notBefore
  }

  /** A full batch leaves at once, unless the previous one failed or is still on its way. */
  #sendOrWait(): void {
    const isFull = this.#items.length >= this.#settings.batchSize
    if (isFull && this.#failures === 0 && this.#inFlight === 0 && this.#maySend()) void this.#send()
    else this.#startTimer()
  }

  #startTimer(): void {
    if (this.#timer || !this.#sendBatch || this.#items.length === 0) return
    const timer = {}
    this.#timer = timer
    this.#settings.setTimer(() => {
      if (this.#timer !== timer) return
      this.#timer = undefined
      if (this.#inFlight === 0) void this.#send()
    }, this.#delayMs())
  }

  #delayMs(): number {
    const { delayMs, maxDelayMs, isOnline, now } = this.#settings
    // A browser that says it is offline may be wrong, so the queue still tries, but slowly.
    const backoffMs = isOnline() ? Math.min(delayMs * 2 ** this.#failures, maxDelayMs) : maxDelayMs
    return Math.max(backoffMs, this.#notBefore - now())
  }

  async #send(): Promise<void> {
    const batch = this.#items.splice(0, this.#settings.batchSize)
    if (!this.#sendBatch || batch.length === 0) return
    const failuresBefore = this.#failures
    this.#inFlight += batch.length
    const outcome = await this.#sendBatch(batch)
    this.#inFlight -= batch.length
    this.#lastError = outcome.problem
    if (outcome.is === 'unsent') {
      this.#failures = failuresBefore + 1
      this.#notBefore = Math.max(this.#notBefore, this.#settings.now() + outcome.retryAfterMs)
      this.#items.unshift(...batch)
    } else {
      this.#failures = 0
      const lost = outcome.is === 'refused' ? batch.length : Math.min(outcome.rejected, batch.length)
      this.#delivered += batch.length - lost
      this.#drop(outcome.is === 'refused' ? outcome.reason : 'rejected', lost)
    }
    this.#sendOrWait()
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
  }
}
