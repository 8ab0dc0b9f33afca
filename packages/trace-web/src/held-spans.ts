import { eventName, slowMs } from '@cruddur/wire/names'
import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '#sdk'

type Options = {
  isRequest: (span: ReadableSpan) => boolean
  /** Whether the server's answer says that it keeps its half. Null if the answer says nothing about it. */
  isKeptByServer: (request: ReadableSpan) => boolean | null
  send: (span: ReadableSpan) => void
  leaveOut: (spans: number) => void
}

type HeldTrace = {
  spans: ReadableSpan[]
  openSpans: number
  isRootEnded: boolean
  requests: number
  refusals: number
  isSent: boolean | null
}

const maxTraces = 500

/** The server records the web vitals of every page, even in traces that it does not keep. */
const hasVital = ({ events }: ReadableSpan): boolean => events.some(({ name }) => name === eventName.webVital)

const isFailedOrSlow = ({ status, parentSpanContext, duration }: ReadableSpan): boolean =>
  status.code === SpanStatusCode.ERROR || (!parentSpanContext && hrTimeToMilliseconds(duration) >= slowMs)

/**
 * Holds the page's half of a trace until the server's answers decide. The half is sent when one answer says that the
 * server keeps its half, or when something failed or was slow. It is left out when every answer says no.
 */
export class HeldSpans implements SpanProcessor {
  readonly #options: Options
  readonly #traces = new Map<string, HeldTrace>()

  constructor(options: Options) {
    this.#options = options
  }

  onStart(started: Span): void {
    const span = started as Span & ReadableSpan
    if (!span.parentSpanContext && !this.#options.isRequest(span)) return
    const held = this.#traceOf(span)
    held.openSpans += 1
    if (this.#options.isRequest(span)) held.requests += 1
  }

  onEnd(span: ReadableSpan): void {
    const held = this.#traceOf(span)
    const isRequest = this.#options.isRequest(span)
    if (span.parentSpanContext || isRequest) held.openSpans -= 1
    held.isRootEnded ||= !span.parentSpanContext
    const isKept = isRequest ? this.#options.isKeptByServer(span) : null
    if (isKept === false) held.refusals += 1
    held.spans.push(span)
    if (isKept || isFailedOrSlow(span)) this.#settle(held, true)
    else if (held.isSent !== null) this.#settle(held, held.isSent)
    else if (held.isRootEnded && held.openSpans === 0) this.#settle(held, !isRefused(held))
  }

  /** The page may close before more answers come: sends every trace that was not refused, and the server decides. */
  release(): void {
    for (const held of this.#traces.values()) if (held.isSent === null && !isRefused(held)) this.#settle(held, true)
  }

  isKept(traceId: string): boolean {
    const held = this.#traces.get(traceId)
    return held === undefined || (held.isSent ?? !isRefused(held))
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}

  #traceOf(span: ReadableSpan): HeldTrace {
    const { traceId } = span.spanContext()
    const known = this.#traces.get(traceId)
    if (known) return known
    const held: HeldTrace = { spans: [], openSpans: 0, isRootEnded: false, requests: 0, refusals: 0, isSent: null }
    this.#traces.set(traceId, held)
    const [oldest] = this.#traces
    if (oldest && this.#traces.size > maxTraces) {
      this.#traces.delete(oldest[0])
      this.#settle(oldest[1], oldest[1].isSent ?? true)
    }
    return held
  }

  #settle(held: HeldTrace, isSent: boolean): void {
    held.isSent = isSent
    const spans = held.spans.splice(0)
    const sent = isSent ? spans : spans.filter(hasVital)
    for (const span of sent) this.#options.send(span)
    if (sent.length < spans.length) this.#options.leaveOut(spans.length - sent.length)
  }
}

const isRefused = ({ requests, refusals }: HeldTrace): boolean => requests > 0 && refusals === requests
