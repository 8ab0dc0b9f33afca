import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, skipBody } from './body.ts'
import { type Fault, playFault } from './fault.ts'
import { type Protocol, Refused, type Reply, send, type VendorRequest } from './protocol.ts'

export type HandlerOptions = {
  readonly fault?: () => Fault | null
  /** Each request whose body has arrived, and whether a fault has dealt with it. */
  readonly received?: (request: VendorRequest, isFaulted: boolean) => void
}

/** Answers as the vendor does, or as its fault demands. */
export const createHandler =
  (protocol: Protocol, { fault = () => null, received }: HandlerOptions = {}) =>
  async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', headers } = incoming
    const { pathname: path } = new URL(incoming.url ?? '/', 'http://localhost')
    const { body, unreadable } = await bodyOf(incoming, protocol, path)
    if (incoming.destroyed && !incoming.complete) return
    const request: VendorRequest = { method, path, headers, body }
    const current = fault()
    const isFaulted = current !== null && (await playFault(current, protocol, request, response))
    received?.(request, isFaulted)
    if (isFaulted) return
    // A sender that has given up will send everything again.
    if (response.destroyed) return
    if (unreadable && !incoming.complete) response.setHeader('connection', 'close')
    if (unreadable?.status === 503) response.setHeader('retry-after', '5')
    send(response, replyTo(protocol, request, unreadable))
  }

const bodyOf = async (incoming: IncomingMessage, { maxBodyBytes, skips }: Protocol, path: string) => {
  try {
    if (!skips?.(path)) return { body: await readBody(incoming, maxBodyBytes) }
    await skipBody(incoming)
    return { body: Buffer.alloc(0) }
  } catch (error) {
    if (error instanceof Refused) return { body: Buffer.alloc(0), unreadable: error }
    throw error
  }
}

const replyTo = (protocol: Protocol, request: VendorRequest, unreadable: Refused | undefined): Reply => {
  try {
    if (unreadable) throw unreadable
    return protocol.answer(request)
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    if (error.refusal) protocol.refused(error.refusal)
    return protocol.refuse(request, error)
  }
}
