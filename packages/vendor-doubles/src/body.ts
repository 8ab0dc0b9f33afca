import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Refused } from './protocol.ts'

/** All bodies that are being read at the same time. Large ones leave some room for small ones. */
const maxHeldBytes = 64 * 1024 * 1024
const keptForSmallBytes = 16 * 1024 * 1024
const smallBytes = 2 * 1024 * 1024
let heldBytes = 0

/** The whole body, unpacked. Stops as soon as it is larger than allowed, packed or unpacked. */
export const readBody = async (request: IncomingMessage, maxBytes: number): Promise<Buffer> => {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  if (encoding !== 'identity' && encoding !== 'gzip') {
    request.resume()
    throw new Refused(415, `unsupported content encoding “${encoding.slice(0, 100)}”`)
  }
  const tooLarge = () => new Refused(413, `the body is larger than ${sizeOf(maxBytes)}`)
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Buffer[] = []
  let length = 0
  const source = encoding === 'gzip' ? unpacked(request) : request
  try {
    // Destroying the request would close the socket before the sender hears what was wrong.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      length += chunk.length
      heldBytes += chunk.length
      if (length > maxBytes) throw tooLarge()
      if (heldBytes > maxHeldBytes - (length > smallBytes ? keptForSmallBytes : 0)) {
        throw new Refused(503, 'too much is being uploaded at once')
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, length)
  } catch (error) {
    if (error instanceof Refused) throw error
    throw new Refused(400, `the body cannot be read: ${(error as Error).message}`)
  } finally {
    heldBytes -= length
    if (source !== request) source.destroy()
  }
}

const unpacked = (request: IncomingMessage): Readable => {
  const gunzip = createGunzip()
  request.once('error', (error) => gunzip.destroy(error))
  return request.pipe(gunzip)
}

const sizeOf = (bytes: number): string => (bytes < 1024 * 1024 ? `${bytes / 1024} KiB` : `${bytes / 1024 / 1024} MiB`)

export const skipBody = async (request: IncomingMessage): Promise<void> => {
  await finished(request.resume(), { cleanup: true }).catch(() => {})
}
