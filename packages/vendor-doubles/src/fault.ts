import type { ServerResponse } from 'node:http'
import { type Protocol, type Reply, send, type VendorRequest } from './protocol.ts'

/** The faults that have a name. `closed`, `black hole` and `bad TLS` need a server of the vendor's own. */
export const faultNames = [
  /** No server listens on the port. */
  'closed',
  /** The server accepts connections and does nothing more, not even a TLS handshake. */
  'black hole',
  /** A certificate that the sender does not trust. */
  'bad TLS',
  /** The connection of each request is reset. */
  'reset',
  /** Requests are read and never answered. */
  'hang',
  /** The head of an answer, one byte a second, without an end. */
  'drip',
  /** An unknown key, too many requests, and a failure, in the vendor's own words. */
  '401',
  '429',
  '500',
  /** The HTML page of a proxy in front of the vendor. */
  'HTML 502',
  /** A 200 that is not what the protocol says. */
  'garbage',
  /** Honeycomb takes the request and rejects everything in it. */
  'partial success',
] as const
export type FaultName = (typeof faultNames)[number]

/** A function answers some requests itself: null lets the vendor answer. */
export type Fault = FaultName | Reply | ((request: VendorRequest) => Reply | null | Promise<Reply | null>)

const dripMs = 1_000
const html = { 'content-type': 'text/html' }
const pages: Partial<Record<FaultName, Reply>> = {
  'HTML 502': { status: 502, headers: html, body: '<html><h1>502 Bad Gateway</h1></html>' },
  garbage: { status: 200, headers: html, body: '<html>' },
}

/** Whether the fault has dealt with the request. If not, the vendor answers as usual. */
export const playFault = async (
  fault: Fault,
  protocol: Protocol,
  request: VendorRequest,
  response: ServerResponse,
): Promise<boolean> => {
  if (fault === 'hang' || fault === 'black hole') return true
  if (fault === 'reset') response.socket?.resetAndDestroy()
  else if (fault === 'drip') drip(response)
  else {
    const reply = await replyOf(fault, protocol, request)
    if (!reply) return false
    send(response, reply)
  }
  return true
}

const replyOf = (fault: Fault, { faults }: Protocol, request: VendorRequest) => {
  if (typeof fault === 'function') return fault(request)
  if (typeof fault === 'object') return fault
  // Even a vendor that refuses a page's request answers its preflight.
  if (request.method === 'OPTIONS') return null
  return pages[fault] ?? faults[fault]?.(request) ?? null
}

/** Sends a byte often enough that no idle timeout ever fires. */
const drip = ({ socket }: ServerResponse): void => {
  const head = `HTTP/1.1 200 OK\r\nX-Slow: ${'x'.repeat(10_000)}`
  let sent = 0
  const next = () => void socket?.write(head.charAt(sent++))
  const timer = setInterval(next, dripMs).unref()
  socket?.once('close', () => clearInterval(timer))
  next()
}
