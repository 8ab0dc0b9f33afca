import { networkOf } from '@cruddur/shared/network'
import {
  decodeTraceRequest,
  MalformedOtlp,
  type OtlpContentType,
  type OtlpTraceRequest,
  TooMuchOtlp,
} from '@cruddur/shared/otlp'
import { relayLimitBytes, sentAtHeader } from '@cruddur/shared/telemetry'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Request, RequestHandler, Response } from 'express'
import { AppError } from '../errors.ts'
import { answerUnread, readBody } from '../http/body.ts'
import { Budget, type Limits } from '../http/budget.ts'
import { acceptBrowserSpans, deploymentOfPages } from './browser-pipeline.ts'
import { countSpans, siftBrowserSpans } from './browser-spans.ts'

const bodyDeadlineMs = 5_000
/** Some milliseconds of work at most: the page sends fifty spans at a time, of some hundred values each. */
const decodeLimits = { values: 20_000, spans: 512 }
const costOfRequest = 2
const bytesOfToken = 1_024
const defaultLimits: Limits = {
  each: { burst: 2_000, perSecond: 100 },
  everybody: { burst: 20_000, perSecond: 1_000 },
}

type Options = {
  readonly isFromOurPage: (req: Request) => boolean
  /** Who is signed in there; null: nobody, or it cannot be told now. */
  readonly userOf?: (req: Request) => Promise<string | null>
  readonly limits?: Limits
  readonly accept?: (spans: readonly ReadableSpan[], address: string) => void
}

/**
 * Browser spans, on their way to wherever OTEL_* sends the server's own: the request has no say in that. Answered when
 * they are queued, not when they are delivered.
 */
export const relay = ({
  isFromOurPage,
  userOf = async () => null,
  limits = defaultLimits,
  accept = acceptBrowserSpans,
}: Options): RequestHandler => {
  const budget = new Budget(limits)

  const spend = (req: Request, cost: number) => {
    const seconds = budget.spend(networkOf(req.ip ?? ''), cost)
    if (seconds > 0) throw new Refusal(429, 'Too many spans for now.', { 'Retry-After': String(seconds) })
  }

  return async (req, res) => {
    try {
      const contentType = admissibleType(req, isFromOurPage)
      // Before a byte is read: a body costs by its length, and its spans only what is more than that.
      const costOfBytes = Math.ceil(Number(req.headers['content-length']) / bytesOfToken)
      spend(req, Math.min(costOfRequest + costOfBytes, limits.each.burst))
      const request = decode(await bodyOf(req), contentType)
      spend(req, Math.min(Math.max(0, countSpans(request) - costOfBytes), limits.each.burst))
      const { accepted, rejected, reason } = siftBrowserSpans(request, {
        nowMs: Date.now(),
        sentAtMs: sentAt(req),
        userId: await userOf(req),
        deployment: deploymentOfPages(),
      })
      accept(accepted, networkOf(req.ip ?? ''))
      answer(res, contentType, rejected, reason)
    } catch (error) {
      refuse(req, res, error)
    }
  }
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

const admissibleType = (req: Request, isFromOurPage: (req: Request) => boolean): OtlpContentType => {
  if (req.method !== 'POST') throw new Refusal(405, 'Spans are posted.', { Allow: 'POST' })
  if (!isFromOurPage(req)) throw new Refusal(403, 'Spans come from our own page only.')
  if (req.headers['content-encoding'] !== undefined) throw new Refusal(415, 'Send the body as it is, not encoded.')
  const contentType = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (contentType !== 'application/json' && contentType !== 'application/x-protobuf') {
    throw new Refusal(415, 'Send application/json or application/x-protobuf.')
  }
  const length = req.headers['content-length']
  if (length === undefined) throw new Refusal(411, 'Say how long the body is.')
  if (Number(length) > relayLimitBytes) throw new Refusal(413, `At most ${relayLimitBytes} bytes.`)
  return contentType
}

const bodyOf = async (req: Request): Promise<Buffer> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Refusal(408, 'The body took too long.')), bodyDeadlineMs)
  try {
    return await Promise.race([readBody(req, relayLimitBytes), late.promise])
  } finally {
    clearTimeout(timer)
  }
}

const sentAt = (req: Request): number | undefined => {
  const given = req.get(sentAtHeader)
  return given !== undefined && /^\d{1,15}$/.test(given) ? Number(given) : undefined
}

const decode = (body: Buffer, contentType: OtlpContentType): OtlpTraceRequest => {
  try {
    return decodeTraceRequest(body, contentType, decodeLimits)
  } catch (error) {
    if (error instanceof TooMuchOtlp) throw new Refusal(413, `This is ${error.message}.`)
    throw error instanceof MalformedOtlp ? new Refusal(400, `Not OTLP: ${error.message}.`) : error
  }
}

const answer = (res: Response, contentType: OtlpContentType, rejected: number, reason: string): void => {
  const partial = rejected > 0 ? { partialSuccess: { rejectedSpans: String(rejected), errorMessage: reason } } : {}
  if (contentType === 'application/json') return void res.json(partial)
  res.type(contentType).end(rejected > 0 ? encodePartialSuccess(rejected, reason) : undefined)
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

const refuse = (req: Request, res: Response, error: unknown): void => {
  const { status, message, headers } = asRefusal(error)
  res.setHeaders(new Map(Object.entries(headers)))
  answerUnread(req, res, status, { code: grpcCode[status] ?? 13, message })
}

const asRefusal = (error: unknown): Refusal => {
  if (error instanceof Refusal) return error
  if (error instanceof AppError) return new Refusal(error.status, error.message)
  return new Refusal(500, 'The spans could not be taken.')
}

// google.rpc.Code, which OTLP's error body carries.
const grpcCode: Record<number, number> = { 400: 3, 403: 7, 405: 12, 408: 4, 411: 3, 413: 3, 415: 3, 429: 8 }
