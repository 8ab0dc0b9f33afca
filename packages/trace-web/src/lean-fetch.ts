import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
} from '@opentelemetry/semantic-conventions'
import { type Addresses, fetchScope, fetchSettings, watchTimings } from './fetch-spans.ts'
import { ignoringErrors } from './ignoring-errors.ts'

const methods = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'QUERY', 'TRACE']
const ports: Record<string, number> = { 'http:': 80, 'https:': 443 }

type Fetch = typeof fetch
type Given = Parameters<Fetch>
type Started = { span: Span; url: URL; given: Given }

/** Starts the span of a request and adds the headers. Undefined for a request without a span. */
const createStart = ({ ignoreUrls, propagateTraceHeaderCorsUrls }: ReturnType<typeof fetchSettings>) => {
  const isPropagated = ({ origin, href }: URL) =>
    origin === location.origin || propagateTraceHeaderCorsUrls.some((pattern) => pattern.test(href))

  return ([input, init]: Given): Started | undefined => {
    const url = new URL(input instanceof Request ? input.url : String(input), document.baseURI)
    if (ignoreUrls.some((pattern) => pattern.test(url.href))) return undefined
    // The second argument may be a Request, too. Its fields are inherited, so a copy with other headers would lose them.
    const isRequest = input instanceof Request
    const own = isRequest && !init ? input : isRequest || init instanceof Request ? new Request(input, init) : undefined
    const givenMethod = (own ?? init)?.method
    const upper = (givenMethod ?? 'GET').toUpperCase()
    const method = methods.includes(upper) ? upper : '_OTHER'
    const attributes = {
      [ATTR_HTTP_REQUEST_METHOD]: method,
      ...(givenMethod && givenMethod !== method && { [ATTR_HTTP_REQUEST_METHOD_ORIGINAL]: givenMethod }),
      [ATTR_URL_FULL]: url.href,
    }
    const span = trace.getTracer(fetchScope).startSpan(method, { kind: SpanKind.CLIENT, attributes })
    if (!isPropagated(url)) return { span, url, given: own ? [own] : [input, init] }
    const headers = own?.headers ?? new Headers(init?.headers)
    propagation.inject(trace.setSpan(context.active(), span), headers, {
      set: (to, name, value) => to.set(name, value),
    })
    return { span, url, given: own ? [own] : [input, { ...init, headers }] }
  }
}

const describe = (span: Span, requested: URL, { status, url }: Response): void => {
  const { hostname, port, protocol } = status < 400 && url && url !== requested.href ? new URL(url) : requested
  const serverPort = Number(port) || ports[protocol]
  span.setAttributes({
    [ATTR_HTTP_RESPONSE_STATUS_CODE]: status,
    [ATTR_SERVER_ADDRESS]: hostname,
    ...(serverPort && { [ATTR_SERVER_PORT]: serverPort }),
  })
  if (status >= 400) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute(ATTR_ERROR_TYPE, String(status))
}

/** The span lasts until the whole body has come, even when the page does not read it, or until the page cancels it. */
const whenRead = async (response: Response): Promise<void> => {
  const reader = response.clone().body?.getReader()
  if (reader) onCancel(response, () => reader.cancel())
  let isRead = !reader
  while (reader && !isRead) isRead = (await reader.read()).done
}

/**
 * The browser stops a download only when all clones are cancelled, and a body does not report that it was cancelled.
 */
const onCancel = (response: Response, listener: () => Promise<void>): void => {
  const { get } = Object.getOwnPropertyDescriptor(Response.prototype, 'body') ?? {}
  if (!get) return
  const given = new WeakMap<ReadableStream, ReadableStream>()
  Object.defineProperty(response, 'body', {
    configurable: true,
    get: () => {
      // Another one after the page has cloned the answer.
      const body: ReadableStream<Uint8Array> = get.call(response)
      const stream = given.get(body) ?? cancellable(body, listener)
      given.set(body, stream)
      return stream
    },
  })
}

/** Locks the body only when the page reads: until then `response.json()` still can. */
const cancellable = (body: ReadableStream<Uint8Array>, listener: () => Promise<void>): ReadableStream => {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  const pull = async (to: ReadableStreamController<Uint8Array>) => {
    reader ??= body.getReader()
    const { done, value } = await reader.read()
    if (!done) return to.enqueue(value as Uint8Array<ArrayBuffer>)
    to.close()
    if ('byobRequest' in to) to.byobRequest?.respond(0)
  }
  const cancel = async (reason: unknown) => {
    await Promise.all([(reader ?? body).cancel(reason), listener()])
  }
  const options = { highWaterMark: 0 }
  return 'ReadableByteStreamController' in globalThis
    ? new ReadableStream({ type: 'bytes', pull, cancel }, options)
    : new ReadableStream({ pull, cancel }, options)
}

/** What the page needs of OpenTelemetry's instrumentation, in a tenth of the bytes. fetch-spans.test.ts tests both. */
export const traceFetch = (addresses: Addresses = {}): void => {
  watchTimings()
  const settings = fetchSettings(addresses)
  const start = createStart(settings)
  const end = (span: Span, answer: unknown) =>
    ignoringErrors(() => settings.applyCustomAttributesOnSpan(span, undefined, answer))
  const original = globalThis.fetch
  globalThis.fetch = function (this: unknown, ...given) {
    const started = ignoringErrors(() => start(given))
    if (!started) return original.apply(this as never, given)
    const { span, url } = started
    return original.apply(this as never, started.given).then(
      (response) => {
        void whenRead(response).then(
          () => {
            ignoringErrors(() => describe(span, url, response))
            end(span, response)
          },
          (error) => end(span, error),
        )
        return response
      },
      (error) => {
        end(span, error)
        throw error
      },
    )
  }
}
