import { isExpected } from '@cruddur/shared/errors'
import { browserAttr } from '@cruddur/shared/telemetry'
import {
  isToldIn,
  parseServerTiming,
  readClock,
  rounded,
  type ServerAccount,
  serverMsOf,
  splitRequest,
} from '@cruddur/shared/times'
import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_URL_FULL } from '@opentelemetry/semantic-conventions'
import { unzonedTimeout } from './before-zone.ts'
import { createTemplates, type Template, withoutQuery } from './url-template.ts'

export const fetchScope = '@opentelemetry/instrumentation-fetch'
/** The browser's timing of an answer comes a moment after the answer, or not at all. */
const timingWaitMs = 200
/** The browser rounds its clock to this. */
const clockGrainMs = 0.1

type Request = {
  span: Span
  url: string
  template: Template
  startedAt: number
  timing?: PerformanceResourceTiming
  answered?: { at: number; status: number; server: ServerAccount }
}

const open = new Map<object, Request>()
const toldTraces = new WeakMap<object, string>()

export const isRequest = ({ instrumentationScope }: ReadableSpan): boolean => instrumentationScope.name === fetchScope

/** Whether the answer said that the server keeps its half of the trace; null: it did not say. */
export const isKeptByServer = (request: ReadableSpan): boolean | null =>
  toldTraces.get(request)?.endsWith('-01') ?? null

const timingAttributes = (timing: PerformanceResourceTiming): Record<string, number> => ({
  [browserAttr.connectMs]: rounded(timing.connectEnd - timing.domainLookupStart),
  [browserAttr.waitMs]: rounded(timing.responseStart - timing.requestStart),
  [browserAttr.downloadMs]: rounded(timing.responseEnd - timing.responseStart),
})

const clockAttributes = (
  timing: PerformanceResourceTiming,
  { atMs, totalMs }: ServerAccount,
): Record<string, number> => {
  if (atMs === null || totalMs === null) return {}
  const timeOrigin = Date.now() - performance.now()
  const { offsetMs, errorMs } = readClock(
    timeOrigin + timing.requestStart,
    atMs,
    atMs + totalMs,
    timeOrigin + timing.responseStart,
  )
  return { [browserAttr.clockOffsetMs]: rounded(offsetMs), [browserAttr.clockOffsetErrorMs]: rounded(errorMs) }
}

/** Ends the span where the answer ended: the instrumentation itself would end it 300 ms later, often after the tab is gone. */
const finish = (request: Request): void => {
  if (!open.delete(request.span)) return
  const { span, timing, answered, startedAt } = request
  const server = answered?.server
  const endedAt = timing?.responseEnd || answered?.at || performance.now()
  if (timing && isToldIn(timing)) {
    span.setAttributes(timingAttributes(timing))
    if (server) span.setAttributes(clockAttributes(timing, server))
  }
  const serverMs = server ? serverMsOf(server) : null
  if (serverMs !== null) {
    const { beforeSendMs, networkMs } = splitRequest(endedAt - startedAt, serverMs, timing)
    span.setAttributes({ [browserAttr.serverMs]: serverMs, [browserAttr.networkMs]: networkMs })
    if (beforeSendMs !== null) span.setAttribute(browserAttr.beforeSendMs, beforeSendMs)
  }
  if (request.template.isOfContract && answered && isExpected(answered.status)) withoutError(span)
  span.end(endedAt)
}

/** The instrumentation calls every answer from 400 on an error, and its span takes no such word back. */
const withoutError = (span: Span): void => {
  const { attributes } = span as Span & ReadableSpan
  delete attributes[ATTR_ERROR_TYPE]
  Object.assign(span, { status: { code: SpanStatusCode.UNSET } })
}

/** In our own words: the browser's differ from one to the other, and some hold the address with its query. */
const reason = (): string =>
  navigator.onLine ? 'No answer came: the server could not be reached.' : 'No answer came: the browser is offline.'

const fail = (request: Request, error: { name?: string }): void => {
  const { span } = request
  if (error.name === 'AbortError') span.setAttribute(browserAttr.cancelled, true)
  else
    span
      .setStatus({ code: SpanStatusCode.ERROR, message: reason() })
      .setAttribute(ATTR_ERROR_TYPE, error.name ?? 'Error')
  open.delete(span)
  span.end()
}

const answered = (span: Span, answer: unknown): void => {
  const request = open.get(span)
  if (!request) return
  if (!(answer instanceof Response)) {
    fail(request, answer as { name?: string })
    return
  }
  const server = parseServerTiming(answer.headers.get('server-timing'))
  request.answered = { at: performance.now(), status: answer.status, server }
  if (server.backendSpan !== null) toldTraces.set(span, server.backendSpan)
  // The instrumentation still has the status to write.
  if (request.timing) queueMicrotask(() => finish(request))
  else unzonedTimeout(() => finish(request), timingWaitMs)
}

/** Of several requests to one address, the one that began last before the browser says it began. */
const requestOf = (timing: PerformanceEntry): Request | undefined => {
  let latest: Request | undefined
  for (const request of open.values())
    if (request.url === timing.name && !request.timing && request.startedAt <= timing.startTime + clockGrainMs)
      latest = request
  return latest
}

const watchTimings = (): void => {
  const observer = new PerformanceObserver((list) => {
    for (const timing of list.getEntries() as PerformanceResourceTiming[]) {
      if (timing.initiatorType !== 'fetch') continue
      const request = requestOf(timing)
      if (!request) continue
      request.timing = timing
      if (request.answered) finish(request)
    }
  })
  observer.observe({ type: 'resource' })
}

/** The page may be gone in a moment: what has its answer ends where that ended. */
export const endAnsweredRequests = (): void => {
  for (const request of open.values()) {
    if (!request.answered) continue
    const timing = timingsOf(request.url).find(({ startTime }) => startTime + clockGrainMs >= request.startedAt)
    if (timing && !request.timing) request.timing = timing
    finish(request)
  }
}

export const endAllRequests = (endedBy: string): void => {
  endAnsweredRequests()
  for (const request of open.values()) {
    request.span.setAttribute(browserAttr.endedBy, endedBy)
    finish(request)
  }
}

const timingsOf = (url: string) => performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[]

/** Names of low cardinality, addresses without what people typed. */
export class FetchNames implements SpanProcessor {
  readonly #template: ReturnType<typeof createTemplates>
  constructor(contract: Parameters<typeof createTemplates>[0]) {
    this.#template = createTemplates(contract)
  }

  onStart(started: Span): void {
    const span = started as Span & ReadableSpan
    if (!isRequest(span)) return
    const url = span.attributes[ATTR_URL_FULL]
    if (typeof url !== 'string') return
    const method = String(span.attributes[ATTR_HTTP_REQUEST_METHOD])
    const template = this.#template(method, new URL(url).pathname)
    open.set(span, { span, url, template, startedAt: performance.now() })
    span
      .updateName(`${method} ${template.path}`)
      .setAttributes({ [ATTR_URL_FULL]: withoutQuery(url), [browserAttr.urlTemplate]: template.path })
  }

  onEnd(span: ReadableSpan): void {
    open.delete(span)
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const startsWith = (address: string): RegExp => new RegExp(`^${escaped(address)}(?:[/?#]|$)`)

/** `traceparent` goes to our own backend and to nobody else; what carries telemetry is not traced. */
export const traceFetch = ({ backend, untraced }: { backend: string | undefined; untraced: string[] }): void => {
  watchTimings()
  new FetchInstrumentation({
    ignoreNetworkEvents: true,
    ignoreUrls: untraced.map(startsWith),
    propagateTraceHeaderCorsUrls: backend ? [startsWith(new URL(backend).origin)] : [],
    applyCustomAttributesOnSpan: (span, _request, answer) => answered(span, answer),
  })
}
