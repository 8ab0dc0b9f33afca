import { eventName, slowMs } from '@cruddur/shared/telemetry'
import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'

type Options = {
  isRequest: (span: ReadableSpan) => boolean
  /** Whether the answer to this request said that the server keeps its half; null: it did not say. */
  isKeptByServer: (request: ReadableSpan) => boolean | null
  send: (span: ReadableSpan) => void
  leaveOut: (spans: number) => void
}

type Held = {
  spans: ReadableSpan[]
  running: number
  isRootEnded: boolean
  requests: number
  refusals: number
  isSent: boolean | null
}

const remembered = 500

/** The server measures every page's vitals, also those of the traces that it does not keep. */
const hasVital = ({ events }: ReadableSpan): boolean => events.some(({ name }) => name === eventName.webVital)

const isFault = ({ status, parentSpanContext, duration }: ReadableSpan): boolean =>
  status.code === SpanStatusCode.ERROR || (!parentSpanContext && hrTimeToMilliseconds(duration) >= slowMs)

/**
 * The page's half of a trace waits here until an answer has told that the server keeps its own, or until something failed
 * or was slow: then the server keeps it for the page. It is left out when every answer said no.
 */
export class HeldSpans implements SpanProcessor {
  readonly #options: Options
  readonly #traces = new Map<string, Held>()

  constructor(options: Options) {
    this.#options = options
  }

  onStart(started: Span): void {
    const span = started as Span & ReadableSpan
    if (!span.parentSpanContext && !this.#options.isRequest(span)) return
    const held = this.#of(span)
    held.running += 1
    if (this.#options.isRequest(span)) held.requests += 1
  }

  onEnd(span: ReadableSpan): void {
    const held = this.#of(span)
    const isRequest = this.#options.isRequest(span)
    if (span.parentSpanContext || isRequest) held.running -= 1
    held.isRootEnded ||= !span.parentSpanContext
    const isKept = isRequest ? this.#options.isKeptByServer(span) : null
    if (isKept === false) held.refusals += 1
    held.spans.push(span)
    if (isKept || isFault(span)) this.#settle(held, true)
    else if (held.isSent !== null) this.#settle(held, held.isSent)
    else if (held.isRootEnded && held.running === 0) this.#settle(held, !isRefused(held))
  }

  /** What would follow may never come: what was not refused is sent, for the server knows what becomes of it. */
  release(): void {
    for (const held of this.#traces.values()) if (held.isSent === null && !isRefused(held)) this.#settle(held, true)
  }

  isKept(traceId: string): boolean {
    const held = this.#traces.get(traceId)
    return held === undefined || (held.isSent ?? !isRefused(held))
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}

  #of(span: ReadableSpan): Held {
    const { traceId } = span.spanContext()
    const known = this.#traces.get(traceId)
    if (known) return known
    const held: Held = { spans: [], running: 0, isRootEnded: false, requests: 0, refusals: 0, isSent: null }
    this.#traces.set(traceId, held)
    const [oldest] = this.#traces
    if (oldest && this.#traces.size > remembered) {
      this.#traces.delete(oldest[0])
      this.#settle(oldest[1], oldest[1].isSent ?? true)
    }
    return held
  }

  #settle(held: Held, isSent: boolean): void {
    held.isSent = isSent
    const spans = held.spans.splice(0)
    const sent = isSent ? spans : spans.filter(hasVital)
    for (const span of sent) this.#options.send(span)
    if (sent.length < spans.length) this.#options.leaveOut(spans.length - sent.length)
  }
}

const isRefused = ({ requests, refusals }: Held): boolean => requests > 0 && refusals === requests
