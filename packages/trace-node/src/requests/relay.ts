import type { IncomingMessage, ServerResponse } from 'node:http'
import { relayLimitBytes, relayPath, sentAtHeader, visitHeader } from '@cruddur/wire/names'
import { networkOf } from '@cruddur/wire/network'
import {
  decodeTraceRequest,
  MalformedOtlp,
  type OtlpContentType,
  type OtlpTraceRequest,
  TooMuchOtlp,
} from '@cruddur/wire/otlp'
import { visitIdOf } from '@cruddur/wire/visit'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { Budget, type Limits } from '../budget.ts'
import { RecentMap } from '../recent-map.ts'
import { vendors } from '../vendors.ts'
import { answerJson, answerUnread, BodyError, readBody } from './body.ts'
import { acceptableSpans, countSpans } from './browser-spans.ts'
import { addressOf, type Handler, type Incoming, isFromPage, pathOf } from './incoming.ts'
import { relayPaths } from './untraced-requests.ts'
import { measureVitals } from './vital-metrics.ts'

const bodyDeadlineMs = 5_000
/** A few milliseconds of work. The page sends fifty spans at a time, with about a hundred values each. */
export const decodeLimits = { values: 20_000, spans: 512 }
const costOfRequest = 2
const bytesOfToken = 1_024
/** A page sends a batch again within seconds, and all pages together may send a thousand spans a second. */
const maxRemembered = 20_000
const defaultLimits: Limits = {
  each: { burst: 2_000, perSecond: 100 },
  everybody: { burst: 20_000, perSecond: 1_000 },
}

export type RelayOptions<Req extends Incoming = Incoming> = {
  /** Other origins whose pages may send spans. */
  readonly allowOrigins?: readonly string[]
  /** The name of the pages' service. A page cannot choose it. */
  readonly service?: string
  readonly path?: string
  /** The signed-in user; null when no user is signed in or the database does not answer. */
  readonly userOf?: (req: Req) => Promise<string | null>
  readonly limits?: Limits
  readonly accept?: (spans: readonly ReadableSpan[], address: string) => void
}

/**
 * Takes the browser's spans and sends them where OTEL_* sends the server's own; a request cannot change that. It answers
 * when they are queued, not when they are delivered.
 */
export const relay = <Req extends Incoming = Incoming>({
  allowOrigins = [],
  service,
  path = relayPath,
  userOf = async () => null,
  limits = defaultLimits,
  accept = acceptSpans,
}: RelayOptions<Req> = {}): Handler<Req> => {
  const budget = new Budget(limits)
  const known = new RecentMap<string, true>(maxRemembered)
  relayPaths.add(path)

  // A page that leaves does not get the answer to its last batch, and sends the batch again.
  const isNew = (span: ReadableSpan): boolean => {
    const { traceId, spanId } = span.spanContext()
    const key = traceId + spanId
    if (known.has(key)) return false
    known.set(key, true)
    return true
  }

  const spend = (req: Req, cost: number) => {
    const seconds = budget.spend(networkOf(addressOf(req)), cost)
    if (seconds > 0) throw new Refusal(429, 'Too many spans. Try again later.', { 'Retry-After': String(seconds) })
  }

  const take = async (req: Req, res: ServerResponse) => {
    try {
      const contentType = admissibleType(req, allowOrigins)
      // A body costs tokens for its length before it is read. Its spans then cost only what exceeds that.
      const costOfBytes = Math.ceil(Number(req.headers['content-length']) / bytesOfToken)
      spend(req, Math.min(costOfRequest + costOfBytes, limits.each.burst))
      const request = decode(await bodyOf(req), contentType)
      spend(req, Math.min(Math.max(0, countSpans(request) - costOfBytes), limits.each.burst))
      const { accepted, rejected, reason } = acceptableSpans(request, {
        nowMs: Date.now(),
        sentAtMs: sentAt(req),
        visitId: visitIdOf(req.headers[visitHeader]),
        userId: await userOf(req),
        service: service ?? `${vendors().service}-web`,
        deployment: vendors().deployment,
      })
      accept(accepted.filter(isNew), networkOf(addressOf(req)))
      answer(res, contentType, rejected, reason)
    } catch (error) {
      refuse(req, res, error)
    }
  }
  return (req, res, next) => {
    if (next && pathOf(req) !== path) return next()
    if (allowOrigin(req, res, allowOrigins)) return void res.writeHead(204).end()
    void take(req, res)
  }
}

const preflightLifetimeSeconds = 600

/** Lets pages of the allowed origins read the answer. True for a preflight, which is then answered. */
const allowOrigin = ({ method, headers }: Incoming, res: ServerResponse, allowed: readonly string[]): boolean => {
  const { origin = '' } = headers
  if (!allowed.includes(origin)) return false
  res.setHeader('Vary', 'Origin')
  res.setHeader('Access-Control-Allow-Origin', origin)
  if (method !== 'OPTIONS' || !headers['access-control-request-method']) return false
  res.setHeader('Access-Control-Allow-Methods', 'POST')
  res.setHeader('Access-Control-Allow-Headers', `content-type, ${sentAtHeader}, ${visitHeader}`)
  res.setHeader('Access-Control-Max-Age', preflightLifetimeSeconds)
  return true
}

const acceptSpans = (spans: readonly ReadableSpan[], address: string): void => {
  measureVitals(spans)
  vendors().traces.acceptBrowserSpans(spans, address)
}

class Refusal extends Error {
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

const admissibleType = (req: IncomingMessage, allowOrigins: readonly string[]): OtlpContentType => {
  if (req.method !== 'POST') throw new Refusal(405, 'Use POST.', { Allow: 'POST' })
  if (!isFromPage(req, allowOrigins)) throw new Refusal(403, 'Only the page of this site may send spans.')
  if (req.headers['content-encoding'] !== undefined) throw new Refusal(415, 'Send the body without a content encoding.')
  const contentType = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (contentType !== 'application/json' && contentType !== 'application/x-protobuf') {
    throw new Refusal(415, 'Send application/json or application/x-protobuf.')
  }
  const length = req.headers['content-length']
  if (length === undefined) throw new Refusal(411, 'Content-Length is missing.')
  if (Number(length) > relayLimitBytes) throw new Refusal(413, `The body may have ${relayLimitBytes} bytes at most.`)
  return contentType
}

const bodyOf = async (req: IncomingMessage & { body?: unknown }): Promise<Buffer> => {
  // A body parser such as express.json() stands before the relay.
  if (req.readableEnded && req.body instanceof Object) {
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.from(JSON.stringify(req.body))
    if (body.length > relayLimitBytes) throw new BodyError(413, `The body is larger than ${relayLimitBytes} bytes.`)
    return body
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Refusal(408, 'The body took too long to arrive.')), bodyDeadlineMs)
  })
  try {
    return await Promise.race([readBody(req, relayLimitBytes), late])
  } finally {
    clearTimeout(timer)
  }
}

const sentAt = ({ headers }: IncomingMessage): number | undefined => {
  const given = headers[sentAtHeader]
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined
}

const decode = (body: Buffer, contentType: OtlpContentType): OtlpTraceRequest => {
  try {
    return decodeTraceRequest(body, contentType, decodeLimits)
  } catch (error) {
    if (error instanceof TooMuchOtlp) throw new Refusal(413, `The body has ${error.message}.`)
    throw error instanceof MalformedOtlp ? new Refusal(400, `Not OTLP: ${error.message}.`) : error
  }
}

const answer = (res: ServerResponse, contentType: OtlpContentType, rejected: number, reason: string): void => {
  const partial = rejected > 0 ? { partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } } : {}
  if (contentType === 'application/json') return void answerJson(res, 200, partial)
  res.setHeader('Content-Type', contentType)
  res.end(rejected > 0 ? encodePartialSuccess(rejected, reason) : undefined)
}

/** ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1, error_message = 2 } } */
const encodePartialSuccess = (rejected: number, reason: string): Buffer => {
  const message = Buffer.from(reason)
  const partial = Buffer.concat([bytes(0x08, ...varint(rejected)), bytes(0x12, ...varint(message.length)), message])
  return Buffer.concat([bytes(0x0a, ...varint(partial.length)), partial])
}

const bytes = (...values: number[]) => Buffer.from(values)

const varint = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(Math.floor(value / 0x80))]

const refuse = (req: IncomingMessage, res: ServerResponse, error: unknown): void => {
  const { status, message, headers } = asRefusal(error)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  answerUnread(req, res, status, { code: grpcCode[status] ?? 13, message })
}

const asRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  if (error instanceof BodyError) return new Refusal(error.status, error.message)
  return new Refusal(500, 'The spans could not be read.')
}

// google.rpc.Code, which OTLP's error body carries.
const grpcCode: Record<number, number> = { 400: 3, 403: 7, 405: 12, 408: 4, 411: 3, 413: 3, 415: 3, 429: 8 }
