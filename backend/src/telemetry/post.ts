import http from 'node:http'
import https from 'node:https'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

export type Answer = {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** At most 64 KiB of it; empty when the vendor did not finish. */
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

/** So many sockets to a vendor are enough, and they are kept. */
export const agentFor = (url: string, most = 2): http.Agent => {
  const Agent = url.startsWith('https:') ? https.Agent : http.Agent
  return limited(new Agent({ keepAlive: true }), most)
}

/**
 * The agent, with so many sockets at most, counted from the other side too: a socket that is closed while the vendor does
 * not read stays open there, and in our kernel, for minutes. One that is reset is gone.
 */
export const limited = (agent: http.Agent, most: number): http.Agent => {
  const secure = agent instanceof https.Agent ? agent.createConnection.bind(agent) : undefined
  const createConnection: typeof agent.createConnection = (options, done) => {
    const socket = resetWhenDestroyed(connect(options as NetConnectOpts))
    return secure ? secure({ ...options, socket } as typeof options, done) : socket
  }
  return Object.assign(agent, { maxSockets: most, maxTotalSockets: most, createConnection })
}

const resetWhenDestroyed = (socket: Socket): Socket => {
  const { destroy } = socket
  socket.destroy = (error) => {
    socket.destroy = destroy
    if (!socket.destroyed && !socket.connecting) socket.resetAndDestroy()
    // A reset by itself would wait for what has not been written yet.
    return socket.destroy(error)
  }
  return socket
}

/**
 * One request. `abort` ends it whatever it does: Node's own timeouts count idle time, which a byte a second never lets pass.
 * Once the status has come the answer is known; a body that does not end takes nothing away from it.
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

/** `Retry-After` in seconds or as a date, in milliseconds from now. */
export const retryAfterMs = (headers: http.IncomingHttpHeaders): number | undefined => {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isNaN(ms) ? undefined : Math.max(0, ms)
}
