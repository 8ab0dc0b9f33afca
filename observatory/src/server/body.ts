import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

export class BodyTooLarge extends Error {}
export class BodyUnreadable extends Error {}

/** The whole body, unpacked. Stops reading as soon as it is larger than allowed, packed or unpacked. */
export const readBody = async (request: IncomingMessage, gzip: boolean, maxBytes: number): Promise<Uint8Array> => {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge()
  let source: Readable = request
  if (gzip) {
    const gunzip = createGunzip()
    request.once('error', (error) => gunzip.destroy(error))
    source = request.pipe(gunzip)
  }
  const chunks: Buffer[] = []
  let length = 0
  try {
    // Not destroyed, because that takes the socket along, and the sender has yet to hear what was wrong.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length
      if (length > maxBytes) throw new BodyTooLarge()
      chunks.push(chunk)
    }
  } catch (error) {
    if (source !== request) source.destroy()
    if (error instanceof BodyTooLarge) throw error
    throw new BodyUnreadable(error instanceof Error ? error.message : String(error))
  }
  return Buffer.concat(chunks, length)
}
