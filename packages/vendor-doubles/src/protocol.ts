import type { IncomingHttpHeaders, ServerResponse } from 'node:http'

export type Fields = Record<string, unknown>
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export type VendorRequest = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Unpacked. */
  readonly body: Buffer
}

export type Reply = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** Something that a vendor refused, and the reason. */
export type Refusal = {
  readonly what: 'request' | 'span' | 'segment' | 'item' | 'log event'
  readonly reason: string
  /** The span, segment, item or log event itself. */
  readonly given?: unknown
}

/** A request that the vendor refuses. `type` is the name of an AWS exception. */
export class Refused extends Error {
  readonly status: number
  readonly type: string | undefined
  /** null: clients expect such an answer, so it is not recorded. */
  readonly refusal: Refusal | null

  constructor(status: number, message: string, { type, refusal }: { type?: string; refusal?: Refusal | null } = {}) {
    super(message)
    this.status = status
    this.type = type
    const reason = `${type ? `${type}: ` : ''}${message} (${status})`.slice(0, 400)
    this.refusal = refusal === undefined ? { what: 'request', reason } : refusal
  }
}

/** How one vendor speaks HTTP, whatever server it runs in. */
export type Protocol = {
  readonly maxBodyBytes: number
  /** Whether a body at this path is read and thrown away. */
  readonly skips?: (path: string) => boolean
  /** Accepts the request, or throws `Refused`. */
  readonly answer: (request: VendorRequest) => Reply
  readonly refuse: (request: VendorRequest, refused: Refused) => Reply
  readonly refused: (refusal: Refusal) => void
  /** The vendor's own words for a fault. */
  readonly faults: Readonly<Partial<Record<string, (request: VendorRequest) => Reply>>>
}

export const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  response.writeHead(status, headers).end(body)
}

export const parseFields = (body: Uint8Array): Fields | null => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString())
    return isFields(value) ? value : null
  } catch {
    return null
  }
}
