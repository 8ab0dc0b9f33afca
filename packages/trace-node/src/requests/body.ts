import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

const lingerMs = 1_000

/** The body cannot be accepted. `status` is 400 or 413. */
export class BodyError extends Error {
  readonly status: 400 | 413

  constructor(status: 400 | 413, message: string) {
    super(message)
    this.status = status
  }
}

const tooLarge = (limitBytes: number) => new BodyError(413, `The body is larger than ${limitBytes} bytes.`)
const incomplete = () => new BodyError(400, 'The body is incomplete.')

/** Reads at most `limitBytes`. Refuses a larger Content-Length before it reads anything. */
export const readBody = async (req: IncomingMessage, limitBytes: number): Promise<Buffer> => {
  if (Number(req.headers['content-length'] ?? 0) > limitBytes) throw tooLarge(limitBytes)
  const chunks: Buffer[] = []
  let size = 0
  try {
    // Leaving a `for await` loop early would destroy the socket before the answer is sent.
    await new Promise<void>((resolve, reject) => {
      req.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > limitBytes) return reject(tooLarge(limitBytes))
        chunks.push(chunk)
      })
      req.on('end', resolve)
      req.on('close', () => reject(incomplete()))
      req.on('error', () => reject(incomplete()))
    })
  } finally {
    req.removeAllListeners('data').pause()
  }
  return Buffer.concat(chunks)
}

export const answerJson = (res: ServerResponse, status: number, body: object): void => {
  startJson(res, status, body)
  res.end()
}

const startJson = (res: ServerResponse, status: number, body: object, headers: object = {}) => {
  const json = JSON.stringify(body)
  const about = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(json) }
  res.writeHead(status, { ...about, ...headers }).write(json)
}

/**
 * Answers before the whole body has arrived. Closing at once could reset the connection before the client has read the
 * answer, so the rest of the body is discarded for a moment first.
 */
export const answerUnread = (req: IncomingMessage, res: ServerResponse, status: number, body: object): void => {
  if (req.complete) return void answerJson(res, status, body)
  startJson(res, status, body, { Connection: 'close' })
  const done = new AbortController()
  req.once('close', () => done.abort())
  req.once('end', () => done.abort())
  req.on('data', () => {}).resume()
  void delay(lingerMs, undefined, { signal: done.signal, ref: false })
    .catch(() => {})
    .then(() => res.end())
}
