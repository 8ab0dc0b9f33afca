import { setTimeout as delay } from 'node:timers/promises'
import type { SignalAccount } from '@cruddur/shared/health'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-base'
import { request } from 'undici'

export type SpanAccount = SignalAccount & { readonly name: string }

type Options = { readonly url: string; readonly lingerMs: number }
type Outcome = 'delivered' | { readonly againAfterMs: number } | { readonly lost: string }

const mostQueued = 2_048
const mostInBatch = 256
const mostAttempts = 5
const againMs = 2_000
const answerWithinMs = 5_000
const longestWaitMs = 30_000
const again = new Set([429, 502, 503, 504])

/** Spans on their way to the backend. */
export class SpanOutbox implements SpanProcessor {
  readonly #options: Options
  readonly #queue: ReadableSpan[] = []
  readonly #closed = new AbortController()
  #underWay = 0
  #created = 0
  #delivered = 0
  readonly #dropped: Record<string, number> = {}
  #sending: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(options: Options) {
    this.#options = options
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.#created++
    if (this.#queue.length + this.#underWay < mostQueued) this.#queue.push(span)
    else this.#drop('queue_full', 1)
    this.#timer ??= setTimeout(() => void this.forceFlush(), this.#options.lingerMs).unref()
  }

  account(): SpanAccount {
    return {
      name: 'proxy spans',
      created: this.#created,
      delivered: this.#delivered,
      queued: this.#queue.length + this.#underWay,
      dropped: { ...this.#dropped },
    }
  }

  async forceFlush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null
      this.#timer = undefined
    })
    await this.#sending
  }

  async shutdown(deadlineMs = 2_000): Promise<void> {
    const deadline = setTimeout(() => this.#closed.abort(), deadlineMs)
    await this.forceFlush()
    clearTimeout(deadline)
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, mostInBatch)
      this.#underWay = batch.length
      const lost = await this.#deliver(batch)
      this.#underWay = 0
      this.#delivered += batch.length - lost
    }
  }

  /** How many of them are lost. */
  async #deliver(batch: ReadableSpan[]): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#send(batch)
      if (outcome === 'delivered') return 0
      const reason = this.#closed.signal.aborted ? 'shutdown' : attempt === mostAttempts ? 'unreachable' : null
      if ('lost' in outcome || reason) {
        this.#drop(reason ?? (outcome as { lost: string }).lost, batch.length)
        return batch.length
      }
      const waitMs = outcome.againAfterMs * attempt
      await delay(waitMs, undefined, { signal: this.#closed.signal, ref: false }).catch(() => {})
    }
  }

  async #send(batch: ReadableSpan[]): Promise<Outcome> {
    const { url } = this.#options
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf' },
        body: ProtobufTraceSerializer.serializeRequest(batch) ?? null,
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(answerWithinMs)]),
      })
      await answer.body.dump()
      const { statusCode } = answer
      if (statusCode === 200) return 'delivered'
      if (!again.has(statusCode)) return { lost: `http_${statusCode}` }
      const retryAfterMs = Number(answer.headers['retry-after']) * 1_000
      return { againAfterMs: Math.min(retryAfterMs || againMs, longestWaitMs) }
    } catch {
      return { againAfterMs: againMs }
    }
  }

  #drop(reason: string, count: number): void {
    if (count > 0) this.#dropped[reason] = (this.#dropped[reason] ?? 0) + count
  }
}
