import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

export class BodyTooLarge extends Error {}
export class BodyUnreadable extends Error {}
/** There is room for it when other bodies have been read. */
export class NoRoomForBody extends Error {}

/** All bodies together, of which those beyond `smallBytes` leave some to the small ones. */
const mostHeldBytes = 64 * 1024 * 1024
const keptForSmallBytes = 16 * 1024 * 1024
const smallBytes = 2 * 1024 * 1024
let heldBytes = 0

/** The whole body, unpacked. Stops reading as soon as it is larger than allowed, packed or unpacked. */
export const readBody = async (request: IncomingMessage, gzip: boolean, maxBytes: number): Promise<Uint8Array> => {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of chunksOf(request, gzip, maxBytes)) {
      length += chunk.length
      heldBytes += chunk.length
      if (heldBytes > mostHeldBytes - (length > smallBytes ? keptForSmallBytes : 0)) throw new NoRoomForBody()
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  } finally {
    heldBytes -= length
  }
}

/** Reads a body of which nothing is of use here. */
export const skipBody = async (request: IncomingMessage, maxBytes: number): Promise<void> => {
  for await (const _ of chunksOf(request, false, maxBytes));
}

async function* chunksOf(request: IncomingMessage, gzip: boolean, maxBytes: number): AsyncGenerator<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw new BodyTooLarge()
  let source: Readable = request
  if (gzip) {
    const gunzip = createGunzip()
    request.once('error', (error) => gunzip.destroy(error))
    source = request.pipe(gunzip)
  }
  let length = 0
  try {
    // Not destroyed, because that takes the socket along, and the sender has yet to hear what was wrong.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length
      if (length > maxBytes) throw new BodyTooLarge()
      yield chunk
    }
  } catch (error) {
    if (error instanceof BodyTooLarge) throw error
    throw new BodyUnreadable(error instanceof Error ? error.message : String(error))
  } finally {
    if (source !== request) source.destroy()
  }
}
