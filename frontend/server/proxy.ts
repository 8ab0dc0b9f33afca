import { lookup } from 'node:dns'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { LookupFunction } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ErrorBody } from '@cruddur/shared/errors'
import { relayLimitBytes, serverTiming } from '@cruddur/wire/names'
import { networkOf } from '@cruddur/wire/network'
import { type Dispatcher, Pool } from 'undici'
import type { ForwardedFor } from './forwarded-for.ts'
import { connectionHeaders } from './framing.ts'
import type { Hop, Hops } from './telemetry/hops.ts'

type Proxy = {
  forward: (incoming: IncomingMessage, response: ServerResponse) => Promise<void>
  close: () => void
}

type Options = {
  readonly backendUrl: URL
  readonly publicProtocol: 'http' | 'https'
  readonly forwardedFor: ForwardedFor
  readonly clientOf: (forwardedFor: string) => string
  readonly hops: Hops
  readonly stopping: AbortSignal
  readonly silentBackendMs: number | undefined
}

/** Applies to the first byte only. After that, an event stream may stay silent. */
const answerTimeoutMs = 20_000
const connectTimeoutMs = 5_000
/** The backend accepts 1,000; some are left for its health check. */
const maxBackendConnections = 900
const maxWaitingPerNetwork = 32
const uploadGraceMs = 1_000

const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
/** Only this server says where a request came from, and it answers `Expect` itself. */
const replacedHeaders = /^(forwarded|x-forwarded-.*|x-real-ip|expect|host)$/

/** `localhost` may resolve to ::1 first, where another program can listen. */
const ipv4First: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, { ...options, order: 'ipv4first' }, callback)

/** Streams requests to the backend and answers back, without buffering. undici frames both. */
export const createProxy = ({
  backendUrl,
  publicProtocol,
  forwardedFor,
  clientOf,
  hops,
  stopping,
  silentBackendMs = answerTimeoutMs,
}: Options): Proxy => {
  const pool = new Pool(backendUrl.origin, {
    connections: maxBackendConnections,
    headersTimeout: silentBackendMs,
    bodyTimeout: 0,
    connect: { timeout: connectTimeoutMs, lookup: ipv4First },
  })
  const waiting = new Map<string, number>()
  const prefix = backendUrl.pathname.replace(/\/$/, '')

  const send = async (
    incoming: IncomingMessage,
    hop: Hop | null,
    from: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const attempt = (body: Readable | null) =>
      pool.request({
        method: incoming.method as Dispatcher.HttpMethod,
        path: prefix + incoming.url,
        headers: {
          ...requestHeaders(incoming),
          'x-forwarded-for': from,
          'x-forwarded-proto': publicProtocol,
          'x-forwarded-host': incoming.headers.host ?? '',
          ...hop?.headers,
        },
        body,
        signal,
      })
    // undici destroys a body that the backend did not read to its end. So it gets a PassThrough: the
    // client's socket has yet to carry the answer.
    if (hasBody(incoming)) return attempt(incoming.pipe(new PassThrough()))
    return attempt(null).catch((error: unknown) => {
      if (!signal.aborted && isRepeatable(incoming, error)) return attempt(null)
      throw error
    })
  }

  const forward = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (hasDotSegment(incoming.url as string)) {
      response.writeHead(400).end()
      return
    }
    response.once('finish', () => stopUpload(incoming))
    if (Number(incoming.headers['content-length'] ?? 0) > relayLimitBytes) {
      refuse(response, 413, { code: 'payload_too_large', message: 'This is too large.', traceId: null })
      return
    }
    const from = forwardedFor(incoming.socket.remoteAddress, incoming.headers['x-forwarded-for'])
    const network = networkOf(clientOf(from))
    const before = waiting.get(network) ?? 0
    if (before >= maxWaitingPerNetwork) {
      const message = 'Too many requests from your address at once. Try again in a second.'
      refuse(response, 429, { code: 'too_many_requests', message, traceId: null })
      return
    }
    const startedMs = performance.now()
    const timing = (backends?: string | string[]): string =>
      [backends ?? [], `${serverTiming.proxy};dur=${(performance.now() - startedMs).toFixed(2)}`].flat().join(', ')
    const hop = hops.begin(incoming, response)
    const clientLeft = new AbortController()
    response.once('close', () => clientLeft.abort())
    try {
      waiting.set(network, before + 1)
      const answer = await send(incoming, hop, from, clientLeft.signal).finally(() => {
        const left = (waiting.get(network) ?? 1) - 1
        if (left > 0) waiting.set(network, left)
        else waiting.delete(network)
      })
      const backends = answer.headers['server-timing']
      response.writeHead(answer.statusCode, { ...withoutHopByHop(answer.headers), 'server-timing': timing(backends) })
      response.flushHeaders()
      hop?.answered(answer.statusCode)
      const isStream = String(answer.headers['content-type']).startsWith('text/event-stream')
      await pipeline(answer.body, response, isStream ? { signal: stopping } : {})
    } catch {
      if (response.headersSent || response.destroyed) return void response.destroy()
      hop?.unanswered(503)
      response.setHeader('Server-Timing', timing())
      refuse(response, 503, { code: 'unavailable', message: 'Cruddur cannot be reached right now.', traceId: null })
    }
  }

  return { forward, close: () => void pool.destroy() }
}

const hasDotSegment = (url: string): boolean => /[/\\](\.|%2e){1,2}([/\\?#]|%2f|%5c|$)/i.test(url)

const withoutHopByHop = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const listed = connectionHeaders(headers.connection)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !listed.includes(name)))
}

const requestHeaders = (incoming: IncomingMessage): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(withoutHopByHop(incoming.headers)).filter(([name]) => !replacedHeaders.test(name)))

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** The backend may close a kept-alive connection at the moment it is used again. */
const isRepeatable = ({ method = '' }: IncomingMessage, error: unknown): boolean =>
  ['GET', 'HEAD', 'DELETE'].includes(method) &&
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')

/**
 * A client gets an answer before the end of its upload only while this server still reads the upload. So the server
 * reads for one more moment, then closes the socket.
 */
const stopUpload = (incoming: IncomingMessage): void => {
  if (incoming.complete) return
  incoming.unpipe()
  incoming.resume()
  setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy()
  }, uploadGraceMs).unref()
}

const refuse = (response: ServerResponse, status: 413 | 429 | 503, body: ErrorBody): void => {
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...(status !== 413 && { 'Retry-After': '1' }),
    })
    .end(JSON.stringify(body))
}
