import { lookup } from 'node:dns'
import {
  Agent,
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import { request as requestByTls, Agent as TlsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import type { ErrorBody } from '@cruddur/shared/errors'
import type { ForwardedFor } from './forwarded-for.ts'

type Proxy = { forward: (incoming: IncomingMessage, response: ServerResponse) => void; close: () => void }

/** Until it begins to answer. An answer that has begun may be silent for as long as it likes: a stream of events is. */
const mostSilentMs = 20_000
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

/** Passes requests on as they come and answers as they come, never holding either back. */
export const createProxy = (
  backendUrl: URL,
  publicProtocol: 'http' | 'https',
  forwardedFor: ForwardedFor,
  silentBackendMs = mostSilentMs,
): Proxy => {
  const isTls = backendUrl.protocol === 'https:'
  const options = { keepAlive: true, maxFreeSockets: 32, lookup: ipv4First }
  const agent = isTls ? new TlsAgent(options) : new Agent(options)
  const send = isTls ? requestByTls : request
  const prefix = backendUrl.pathname.replace(/\/$/, '')

  const forward = (incoming: IncomingMessage, response: ServerResponse, isSecondTry = false): void => {
    if (hasDotSegment(incoming.url as string)) {
      response.writeHead(400).end()
      return
    }
    const outgoing = send({
      agent,
      hostname: backendUrl.hostname.replace(/^\[|\]$/g, ''),
      port: backendUrl.port,
      method: incoming.method,
      path: prefix + incoming.url,
      headers: {
        ...requestHeaders(incoming),
        host: backendUrl.host,
        'x-forwarded-for': forwardedFor(incoming.socket.remoteAddress, incoming.headers['x-forwarded-for']),
        'x-forwarded-proto': publicProtocol,
        'x-forwarded-host': incoming.headers.host ?? '',
      },
    })
    outgoing.setTimeout(silentBackendMs, () => outgoing.destroy(new Error('the backend says nothing')))

    const abort = () => outgoing.destroy()
    response.once('close', () => {
      if (!response.writableFinished) abort()
    })

    response.once('finish', () => {
      if (!incoming.complete) stopUpload(incoming, outgoing)
    })

    outgoing.once('response', (answer) => {
      outgoing.setTimeout(0)
      response.writeHead(answer.statusCode as number, answer.statusMessage, withoutHops(answer.headers))
      response.flushHeaders()
      answer.pipe(response)
      answer.once('error', () => response.destroy())
    })
    outgoing.on('error', () => {
      if (response.headersSent || response.destroyed) {
        if (!response.writableEnded) response.destroy()
        return
      }
      if (outgoing.reusedSocket && !isSecondTry && canBeRepeated(incoming)) {
        forward(incoming, response, true)
        return
      }
      sayUnavailable(response)
    })

    // Without this the backend would not hear of a request whose body stalls, and could not refuse it.
    outgoing.flushHeaders()
    incoming.pipe(outgoing)
    incoming.once('error', abort)
  }

  return { forward, close: () => agent.destroy() }
}

const hasDotSegment = (url: string): boolean => /[/\\](\.|%2e){1,2}([/\\?#]|%2f|%5c|$)/i.test(url)

const withoutHops = (headers: IncomingHttpHeaders): IncomingHttpHeaders => {
  const named = (headers.connection ?? '').toLowerCase().split(/\s*,\s*/)
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.includes(name)))
}

const requestHeaders = (incoming: IncomingMessage): IncomingHttpHeaders => {
  const headers = Object.fromEntries(
    Object.entries(withoutHops(incoming.headers)).filter(([name]) => !ownWords.test(name)),
  )
  // Without it Node frames no body of a GET or DELETE, and the body would be read as the next request.
  if (incoming.headers['transfer-encoding']) headers['transfer-encoding'] = 'chunked'
  return headers
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0

/** A kept-alive connection may have been closed by the backend in the very moment of its use. */
const canBeRepeated = (incoming: IncomingMessage): boolean =>
  ['GET', 'HEAD', 'DELETE'].includes(incoming.method ?? '') && !hasBody(incoming)

/** The answer is given before the upload is over: the rest is read for a moment, so that the answer arrives, then cut off. */
const stopUpload = (incoming: IncomingMessage, outgoing: ClientRequest): void => {
  incoming.unpipe()
  incoming.resume()
  outgoing.destroy()
  setTimeout(() => {
    if (!incoming.complete) incoming.socket.destroy()
  }, lingerMs).unref()
}

const sayUnavailable = (response: ServerResponse): void => {
  const body: ErrorBody = { code: 'unavailable', message: 'Cruddur cannot be reached just now.', traceId: null }
  response
    .writeHead(503, {
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
      'Retry-After': '1',
    })
    .end(JSON.stringify(body))
}
