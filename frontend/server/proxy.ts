import { lookup } from 'node:dns'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { LookupFunction } from 'node:net'
import { PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ErrorBody } from '@cruddur/shared/errors'
import { networkOf } from '@cruddur/shared/network'
import { relayLimitBytes, serverTiming } from '@cruddur/shared/telemetry'
import { type Dispatcher, Pool } from 'undici'
import type { ForwardedFor } from './forwarded-for.ts'
import { namedIn } from './framing.ts'
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

/** Until it begins to answer. An answer that has begun may be silent for as long as it likes: a stream of events is. */
const mostSilentMs = 20_000
const connectWithinMs = 5_000
/** The backend takes 1,000, and some of them are for its health check. */
const backendConnections = 900
/** How many requests of one network may wait for the backend at once: the others of an office come in milliseconds later. */
const waitingPerNetwork = 32
const lingerMs = 1_000

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
/** What only this server may say about where a request came from; and it answers `Expect` itself. */
const ownWords = /^(forwarded|x-forwarded-.*|x-real-ip|expect|host)$/

/** `localhost` may name ::1 first, where somebody else's server can listen. */
const ipv4First: LookupFunction = (hostname, options, callback) =>
  lookup(hostname, { ...options, order: 'ipv4first' }, callback)

/** Passes requests on as they come and answers as they come, never holding either back. undici frames both. */
export const createProxy = ({
  backendUrl,
  publicProtocol,
  forwardedFor,
  clientOf,
  hops,
  stopping,
  silentBackendMs = mostSilentMs,
}: Options): Proxy => {
  const pool = new Pool(backendUrl.origin, {
    connections: backendConnections,
    headersTimeout: silentBackendMs,
    bodyTimeout: 0,
    connect: { timeout: connectWithinMs, lookup: ipv4First },
  })
  const waiting = new Map<string, number>()
  const prefix = backendUrl.pathname.replace(/\/$/, '')

  const ask = async (
    incoming: IncomingMessage,
    hop: Hop | null,
    from: string,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> => {
    const send = (body: Readable | null) =>
      pool.request({
        method: incoming.method as Dispatcher.HttpMethod,
        path: prefix + incoming.url,
        headers: {
          ...requestHeaders(incoming),
          'x-forwarded-for': from,
          'x-forwarded-proto': publicProtocol,
          'x-forwarded-host': incoming.headers.host ?? '',
          ...(hop && { traceparent: hop.traceparent }),
        },
        body,
        signal,
      })
    // undici destroys a body that the backend did not want to the end: not the client's socket, which has yet to carry the answer.
    if (hasBody(incoming)) return send(incoming.pipe(new PassThrough()))
    return send(null).catch((error: unknown) => {
      if (!signal.aborted && isRepeatable(incoming, error)) return send(null)
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
      sayNo(response, 413, { code: 'payload_too_large', message: 'That is more than Cruddur takes in.', traceId: null })
      return
    }
    const from = forwardedFor(incoming.socket.remoteAddress, incoming.headers['x-forwarded-for'])
    const network = networkOf(clientOf(from))
    const before = waiting.get(network) ?? 0
    if (before >= waitingPerNetwork) {
      const message = 'Too many requests come from your address at once.'
      sayNo(response, 429, { code: 'too_many_requests', message, traceId: null })
      return
    }
    const startedMs = performance.now()
    const timing = (backends?: string | string[]): string =>
      [backends ?? [], `${serverTiming.proxy};dur=${(performance.now() - startedMs).toFixed(2)}`].flat().join(', ')
    const hop = hops.begin(incoming, response)
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    try {
      waiting.set(network, before + 1)
      const answer = await ask(incoming, hop, from, gone.signal).finally(() => {
        const left = (waiting.get(network) ?? 1) - 1
        if (left > 0) waiting.set(network, left)
        else waiting.delete(network)
      })
      const backends = answer.headers['server-timing']
      response.writeHead(answer.statusCode, { ...withoutHops(answer.headers), 'server-timing': timing(backends) })
      response.flushHeaders()
      hop?.answered(answer.statusCode)
      const isStream = String(answer.headers['content-type']).startsWith('text/event-stream')
      await pipeline(answer.body, response, isStream ? { signal: stopping } : {})
    } catch {
      if (response.headersSent || response.destroyed) return void response.destroy()
      hop?.unanswered(503)
      response.setHeader('Server-Timing', timing())
      sayNo(response, 503, { code: 'unavailable', message: 'Cruddur cannot be reached just now.', traceId: null })
    }
  }

  return { forward, close: () => void pool.destroy() }
}

const hasDotSegment = (url: string): boolean => /[/\\](\.|%2e){1,2}([/\\?#]|%2f|%5c|$)/i.test(url)

const withoutHops = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const named = namedIn(headers.connection)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)))
}

const requestHeaders = (incoming: IncomingMessage): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(withoutHops(incoming.headers)).filter(([name]) => !ownWords.test(name)))

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** A kept-alive connection may have been closed by the backend in the very moment of its use. */
const isRepeatable = ({ method = '' }: IncomingMessage, error: unknown): boolean =>
  ['GET', 'HEAD', 'DELETE'].includes(method) &&
  ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '')

/** The answer is given before the upload is over: the rest is read for a moment, so that the answer arrives, then cut off. */
const stopUpload = (incoming: IncomingMessage): void => {
  if (incoming.complete) return
  incoming.unpipe()
  incoming.resume()
  setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy()
  }, lingerMs).unref()
}

const sayNo = (response: ServerResponse, status: 413 | 429 | 503, body: ErrorBody): void => {
  response
    .writeHead(status, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      ...(status !== 413 && { 'Retry-After': '1' }),
    })
    .end(JSON.stringify(body))
}
