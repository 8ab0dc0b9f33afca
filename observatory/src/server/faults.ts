import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Mode, type Modes, modes, type Vendor, vendors } from '../trace/vendor.ts'

export class BadFaults extends Error {}

/** What a vendor says when it answers at all, in its own words. */
export type Refusing = Record<'401' | '429' | '500', (request: IncomingMessage) => Spoken>
export type Spoken = { status: number; headers?: Record<string, string>; body: string | Uint8Array }

const healthy: Modes = { honeycomb: 'healthy', xray: 'healthy', rollbar: 'healthy', cloudwatch: 'healthy' }
const dripMs = 1000

/** Who plays broken, and how. */
export class Faults {
  #modes: Modes = { ...healthy }
  readonly #turnedAway: (vendor: Vendor) => void

  constructor(turnedAway: (vendor: Vendor) => void) {
    this.#turnedAway = turnedAway
  }

  get modes(): Modes {
    return { ...this.#modes }
  }

  /** Vendors that are not named stay as they are. */
  change(given: unknown): void {
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw new BadFaults('an object is expected')
    for (const [vendor, mode] of Object.entries(given)) {
      if (!vendors.includes(vendor as Vendor)) throw new BadFaults(`${vendor} is none of ${vendors.join(', ')}`)
      if (!modes.includes(mode as Mode)) throw new BadFaults(`${vendor} can be ${modes.join(', ')}`)
    }
    this.#modes = { ...this.#modes, ...given }
  }

  /** Whether a datagram is lost: nobody is told of it. */
  loses(vendor: Vendor): boolean {
    if (this.#modes[vendor] === 'healthy') return false
    this.#turnedAway(vendor)
    return true
  }

  /** Whether the request got its answer here, or none at all: then nothing of it is taken. */
  play(vendor: Vendor, request: IncomingMessage, response: ServerResponse, refusing: Refusing): boolean {
    const mode = this.#modes[vendor]
    if (mode === 'healthy') return false
    this.#turnedAway(vendor)
    if (mode === 'refuse') {
      request.socket.resetAndDestroy()
      return true
    }
    // What is sent is read, or the sender's own writing would be what hangs.
    request.resume()
    if (mode === 'hang') return true
    if (mode === 'drip') drip(response, refusing[500](request))
    else {
      const { status, headers, body } = refusing[mode](request)
      response.writeHead(status, headers).end(body)
    }
    return true
  }
}

/** From the status line on: who waits for a status waits, and no silence is ever long enough to be noticed. */
const drip = (response: ServerResponse, { status, headers, body }: Spoken): void => {
  const { socket } = response
  if (!socket) return
  const head = [`HTTP/1.1 ${status} Slow`, ...Object.entries(headers ?? {}).map((pair) => pair.join(': ')), '', '']
  const bytes = Buffer.concat([Buffer.from(head.join('\r\n')), Buffer.from(body)])
  let at = 0
  const timer = setInterval(() => {
    if (at < bytes.length) socket.write(bytes.subarray(at, ++at))
    else socket.end()
  }, dripMs).unref()
  socket.write(bytes.subarray(at, ++at))
  socket.once('close', () => clearInterval(timer))
}
