import { setTimeout as delay } from 'node:timers/promises'
import type { Request, Response } from 'express'
import { malformed, tooLarge } from '../errors.ts'

const lingerMs = 1_000

export const hasBody = (req: Request): boolean =>
  req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0

/** Reads at most `limitBytes`. Refuses a larger Content-Length before it reads anything. */
export const readBody = async (req: Request, limitBytes: number): Promise<Buffer> => {
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
      req.on('close', () => reject(malformed('The body is incomplete.')))
      req.on('error', () => reject(malformed('The body is incomplete.')))
    })
  } finally {
    req.removeAllListeners('data').pause()
  }
  return Buffer.concat(chunks)
}

/**
 * Answers before the whole body has arrived. Closing at once could reset the connection before the client has read the
 * answer, so the rest of the body is discarded for a moment first.
 */
export const answerUnread = (req: Request, res: Response, status: number, body: object): void => {
  if (req.complete) return void res.status(status).json(body)
  const json = JSON.stringify(body)
  res.writeHead(status, {
    Connection: 'close',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(json),
  })
  res.write(json)
  const done = new AbortController()
  req.once('close', () => done.abort())
  req.once('end', () => done.abort())
  req.on('data', () => {}).resume()
  void delay(lingerMs, undefined, { signal: done.signal, ref: false })
    .catch(() => {})
    .then(() => res.end())
}
