import { browserAttr } from '@cruddur/wire/names'
import {
  hasRequestTimes,
  parseServerTiming,
  readClock,
  rounded,
  type ServerAccount,
  serverMsOf,
  splitRequest,
  wallClockAt,
} from '@cruddur/wire/times'
import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { ATTR_ERROR_TYPE, ATTR_HTTP_REQUEST_METHOD, ATTR_URL_FULL } from '@opentelemetry/semantic-conventions'
import type { ReadableSpan, SpanProcessor } from '#sdk'
import { plainTimeout } from './context/outside.ts'
import { createTemplates, type Route, type Template, withoutQuery } from './url-template.ts'

export const fetchScope = '@opentelemetry/instrumentation-fetch'
/** The browser's timing comes shortly after the answer, or not at all. */
const timingWaitMs = 200
const clockResolutionMs = 0.1

type Request = {
  span: Span
  url: string
  isExpected: (status: number) => boolean
  startedAt: number
  timing?: PerformanceResourceTiming
  answered?: { at: number; status: number; server: ServerAccount }
}

const openRequests = new Map<object, Request>()
const backendSpans = new WeakMap<object, string>()

export const isRequest = ({ instrumentationScope }: ReadableSpan): boolean => instrumentationScope.name === fetchScope

/** Whether the server's answer says that it keeps its half of the trace. Null if the answer says nothing about it. */
export const isKeptByServer = (request: ReadableSpan): boolean | null =>
  backendSpans.get(request)?.endsWith('-01') ?? null

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
  const { requestStart, responseStart } = timing
  const { offsetMs, errorMs } = readClock(wallClockAt(requestStart), atMs, atMs + totalMs, wallClockAt(responseStart))
  return { [browserAttr.clockOffsetMs]: rounded(offsetMs), [browserAttr.clockOffsetErrorMs]: rounded(errorMs) }
}

/** Ends the span with the answer. OpenTelemetry's instrumentation waits 300 ms more, and the tab may be closed by then. */
const finish = (request: Request): void => {
  if (!openRequests.delete(request.span)) return
  const { span, timing, answered, startedAt } = request
  const server = answered?.server
  const endedAt = timing?.responseEnd || answered?.at || performance.now()
  if (timing && hasRequestTimes(timing)) {
    span.setAttributes(timingAttributes(timing))
    if (server) span.setAttributes(clockAttributes(timing, server))
  }
  const serverMs = server ? serverMsOf(server) : null
  if (serverMs !== null) {
    const { beforeSendMs, networkMs } = splitRequest(endedAt - startedAt, serverMs, timing)
    span.setAttributes({ [browserAttr.serverMs]: serverMs, [browserAttr.networkMs]: networkMs })
    if (beforeSendMs !== null) span.setAttribute(browserAttr.beforeSendMs, beforeSendMs)
  }
  if (answered && request.isExpected(answered.status)) clearError(span)
  span.end(endedAt)
}

/** The instrumentation marks every status from 400 on as an error, and a span has no method to undo that. */
const clearError = (span: Span): void => {
  const { attributes } = span as Span & ReadableSpan
  delete attributes[ATTR_ERROR_TYPE]
  Object.assign(span, { status: { code: SpanStatusCode.UNSET } })
}

/** Replaces the browser's message, because browsers differ and some include the address with its query. */
const failureReason = (): string =>
  navigator.onLine ? 'No answer: the server could not be reached.' : 'No answer: the browser is offline.'

const fail = (request: Request, error: { name?: string } | null | undefined): void => {
  const { span } = request
  if (error?.name === 'AbortError') span.setAttribute(browserAttr.cancelled, true)
  else
    span
      .setStatus({ code: SpanStatusCode.ERROR, message: failureReason() })
      .setAttribute(ATTR_ERROR_TYPE, error?.name ?? 'Error')
  openRequests.delete(span)
  span.end()
}

const onAnswer = (span: Span, answer: unknown): void => {
  const request = openRequests.get(span)
  if (!request) return
  if (!(answer instanceof Response)) {
    fail(request, answer as { name?: string } | null | undefined)
    return
  }
  const server = parseServerTiming(answer.headers.get('server-timing'))
  request.answered = { at: performance.now(), status: answer.status, server }
  if (server.backendSpan !== null) backendSpans.set(span, server.backendSpan)
  // In a microtask, because the instrumentation has yet to write the status.
  if (request.timing) queueMicrotask(() => finish(request))
  else plainTimeout(() => finish(request), timingWaitMs)
}

/** Of several open requests to the same address, the last one that started before this timing. */
const requestOf = (timing: PerformanceEntry): Request | undefined => {
  let latest: Request | undefined
  for (const request of openRequests.values())
    if (request.url === timing.name && !request.timing && request.startedAt <= timing.startTime + clockResolutionMs)
      latest = request
  return latest
}

export const watchTimings = (): void => {
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

/** For a page that may close: ends the requests that have their answer. */
export const endAnsweredRequests = (): void => {
  for (const request of openRequests.values()) {
    if (!request.answered) continue
    const timing = timingsOf(request.url).find(({ startTime }) => startTime + clockResolutionMs >= request.startedAt)
    if (timing && !request.timing) request.timing = timing
    finish(request)
  }
}

export const endAllRequests = (endedBy: string): void => {
  endAnsweredRequests()
  for (const request of openRequests.values()) {
    request.span.setAttribute(browserAttr.endedBy, endedBy)
    finish(request)
  }
}

const timingsOf = (url: string) => performance.getEntriesByName(url, 'resource') as PerformanceResourceTiming[]

type Api = {
  /** The API's operations. In other paths, ids become `:id`. */
  routes?: readonly Route[] | undefined
  /** Whether an answer of one of them with this status is no error. */
  isExpected?: ((status: number) => boolean) | undefined
}

/** Names requests by route template, and removes query strings from addresses. */
export class FetchNames implements SpanProcessor {
  readonly #template: (method: string, path: string) => Template
  readonly #isExpected: (status: number) => boolean

  constructor({ routes = [], isExpected = () => false }: Api = {}) {
    this.#template = createTemplates(routes)
    this.#isExpected = isExpected
  }

  onStart(started: Span): void {
    const span = started as Span & ReadableSpan
    if (!isRequest(span)) return
    const url = span.attributes[ATTR_URL_FULL]
    if (typeof url !== 'string') return
    const method = String(span.attributes[ATTR_HTTP_REQUEST_METHOD])
    const template = this.#template(method, new URL(url).pathname)
    const isExpected = template.isApi ? this.#isExpected : () => false
    openRequests.set(span, { span, url, isExpected, startedAt: performance.now() })
    span
      .updateName(`${method} ${template.path}`)
      .setAttributes({ [ATTR_URL_FULL]: withoutQuery(url), [browserAttr.urlTemplate]: template.path })
  }

  onEnd(span: ReadableSpan): void {
    openRequests.delete(span)
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const startsWith = (address: string): RegExp => new RegExp(`^${escaped(address)}(?:[/?#]|$)`)

export type Addresses = {
  /** Other origins whose requests get `traceparent`. The page's own origin always gets it. */
  propagateTo?: readonly string[] | undefined
  /** Requests to these addresses get no spans. */
  untraced?: readonly string[] | undefined
}

/** The settings of OpenTelemetry's instrumentation, and of ./lean-fetch.ts. */
export const fetchSettings = ({ propagateTo = [], untraced = [] }: Addresses) => ({
  ignoreUrls: untraced.map((url) => startsWith(new URL(url, location.origin).href)),
  propagateTraceHeaderCorsUrls: propagateTo.map((url) => startsWith(new URL(url).origin)),
  applyCustomAttributesOnSpan: (span: Span, _request: unknown, answer: unknown): void => onAnswer(span, answer),
})
