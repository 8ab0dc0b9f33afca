import http from 'node:http'
import https from 'node:https'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Outcome } from './export-queue.ts'

export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** Whole, or empty when the vendor did not finish it or when it is larger than 64 KiB: no reader can parse a part. */
  readonly body: Buffer
}

export type Post = {
  readonly url: string
  readonly method?: 'GET' | 'POST'
  readonly agent: http.Agent
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly gzip?: boolean
  readonly abort: AbortSignal
}

const longestBody = 64 * 1024
const compressed = promisify(gzip)

/** Keeps at most this many sockets open to a vendor. */
export const agentFor = (url: string, most = 2): http.Agent => {
  const Agent = url.startsWith('https:') ? https.Agent : http.Agent
  return limited(new Agent({ keepAlive: true }), most)
}

/**
 * Limits the sockets that are really open. A socket that is closed while the vendor does not read stays open in both
 * kernels for minutes, so it is reset instead.
 */
export const limited = (agent: http.Agent, most: number): http.Agent => {
  const secure = agent instanceof https.Agent ? agent.createConnection.bind(agent) : undefined
  const createConnection: typeof agent.createConnection = (options, done) => {
    const socket = resetWhenDestroyed(connect(options as NetConnectOpts))
    return secure ? secure({ ...options, socket } as typeof options, done) : socket
  }
  return Object.assign(agent, { maxSockets: most, maxTotalSockets: most, createConnection })
}

const resetWhenDestroyed = (socket: Socket): Socket =>
  // Only an open socket: a reset would replace the error of a refused connection.
  socket.once('connect', () => {
    const { destroy } = socket
    socket.destroy = (error) => {
      socket.destroy = destroy
      if (!socket.destroyed) socket.resetAndDestroy()
      // A reset alone would wait for unwritten data.
      return socket.destroy(error)
    }
  })

/**
 * One request. Only `abort` bounds it: Node's own timeouts count idle time, and a vendor that sends a byte a second is
 * never idle. The status is the answer, even when the body does not end.
 */
export const post = async ({
  url,
  method = 'POST',
  agent,
  headers,
  body,
  abort,
  ...options
}: Post): Promise<Answer> => {
  const content = options.gzip ? await compressed(body) : body
  const encoding = options.gzip ? { 'Content-Encoding': 'gzip' } : {}
  const request = (url.startsWith('https:') ? https : http).request(url, {
    method,
    agent,
    signal: abort,
    headers: { ...headers, ...encoding, ...(method === 'POST' && { 'Content-Length': String(content.byteLength) }) },
  })
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let length = 0
      const done = (received: Buffer) =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received })
      response.on('data', (chunk: Buffer) => {
        length += chunk.length
        if (length > longestBody) response.destroy()
        else chunks.push(chunk)
      })
      response.on('end', () => done(Buffer.concat(chunks)))
      response.on('error', () => done(Buffer.alloc(0)))
      response.on('close', () => done(Buffer.alloc(0)))
    })
    request.end(content)
  })
}

/** What the vendor's status means for the items. `isTemporary`: this vendor may accept them later. */
export const outcomeOf = ({ status, headers }: Answer, isTemporary: (status: number) => boolean): Outcome => {
  if (status >= 200 && status < 300) return { kind: 'delivered', status }
  const error = `HTTP ${status}`
  if (isTemporary(status)) return { kind: 'again', status, error, afterMs: retryAfterMs(headers) }
  return { kind: 'lost', status, error, reason: `http_${status}` }
}

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
const retryAfterMs = (headers: http.IncomingHttpHeaders): number | undefined => {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
