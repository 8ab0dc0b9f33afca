import http from 'node:http'
import https from 'node:https'
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
  readonly agent: http.Agent
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly gzip?: boolean
  readonly abort: AbortSignal
}

const longestBody = 64 * 1024
const compressed = promisify(gzip)

/** Two sockets to a vendor are enough, and they are kept. */
export const agentFor = (url: string, options: https.AgentOptions = {}): http.Agent => {
  const limited = { keepAlive: true, maxSockets: 2, maxTotalSockets: 2, ...options }
  return url.startsWith('https:') ? new https.Agent(limited) : new http.Agent(limited)
}

/**
 * One POST. `abort` ends it whatever it does: Node's own timeouts count idle time, which a byte a second never lets pass.
 * Once the status has come the answer is known; a body that does not end takes nothing away from it.
 */
export const post = async ({ url, agent, headers, body, abort, ...options }: Post): Promise<Answer> => {
  const content = options.gzip ? await compressed(body) : body
  const encoding = options.gzip ? { 'Content-Encoding': 'gzip' } : {}
  const request = (url.startsWith('https:') ? https : http).request(url, {
    method: 'POST',
    agent,
    signal: abort,
    headers: { ...headers, ...encoding, 'Content-Length': String(content.byteLength) },
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
