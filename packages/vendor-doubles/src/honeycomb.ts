import {
  decodeLogsRequest,
  decodeMetricsRequest,
  decodeTraceRequest,
  MalformedOtlp,
  type OtlpContentType,
} from '@cruddur/wire/otlp'
import { PbfWriter } from 'pbf'
import { type Protocol, parseFields, type Refusal, Refused, type Reply, type VendorRequest } from './protocol.ts'
import { type LogRecord, logRecordsOf, problemOf, type Span, spansOf } from './span.ts'

export type HoneycombSink = {
  readonly span: (span: Span) => void
  readonly logRecord?: (record: LogRecord) => void
  /** The name of each metric of a request. */
  readonly metric?: (name: string) => void
  readonly refused?: (refusal: Refusal) => void
}

export type HoneycombOptions = {
  /** The API key that requests need. Without it, requests may have any key or no key. */
  readonly key?: string | undefined
  readonly team?: string
  /** '' stands for a key of Honeycomb Classic, which has no environments. */
  readonly environment?: string
}

/** The codes of google.rpc.Status. */
const codes: Record<number, number> = { 400: 3, 401: 16, 413: 8, 415: 3, 500: 13, 503: 14 }
const retryAfterMs = 2_000
const json = 'application/json'
const protobufTypes = ['application/x-protobuf', 'application/protobuf']

/** The names of the rejected counts in the JSON of a partial success. */
const rejectedNames: Record<string, string> = {
  '/v1/traces': 'rejectedSpans',
  '/v1/logs': 'rejectedLogRecords',
  '/v1/metrics': 'rejectedDataPoints',
}
export const isOtlpPath = (path: string): boolean => path in rejectedNames

/** OTLP over HTTP with the answers of Honeycomb, and the parts of its API that an application uses. */
export const honeycombProtocol = (sink: HoneycombSink, options: HoneycombOptions = {}): Protocol => {
  const { key, team = 'a-team', environment = 'test' } = options
  const refused = sink.refused ?? (() => {})
  const take = ({ spans, logRecords, metrics }: Contents) => {
    for (const span of spans) {
      const reason = problemOf(span)
      if (reason === null) sink.span(span)
      else refused({ what: 'span', reason, given: span })
    }
    for (const record of logRecords) sink.logRecord?.(record)
    for (const name of metrics) sink.metric?.(name)
  }

  return {
    maxBodyBytes: 20 * 1024 * 1024,
    refused,
    answer: (request) => {
      const { method, path, body } = request
      const given = request.headers['x-honeycomb-team']
      if (key !== undefined && given === undefined) throw new Refused(401, missingKey)
      if (key !== undefined && given !== key) throw new Refused(401, unknownKey)
      if (path === '/1/auth') {
        const named = (name: string) => ({ name, slug: name })
        return jsonReply(200, { id: 'a-key', type: 'ingest', team: named(team), environment: named(environment) })
      }
      if (method === 'POST' && path.startsWith('/1/markers/')) {
        return jsonReply(201, { id: 'a-marker', ...parseFields(body) })
      }
      if (!isOtlpPath(path)) return jsonReply(404, { error: 'not found' })
      if (method !== 'POST') return jsonReply(405, { message: 'telemetry is posted here' })
      take(contentsOf(request))
      return exportReply(request, 0)
    },
    refuse: (request, { status, message }) => statusReply(request, status, message),
    faults: {
      401: (request) => statusReply(request, 401, request.headers['x-honeycomb-team'] ? unknownKey : missingKey),
      429: () => ({
        ...jsonReply(429, {
          status: 429,
          type: 'https://api.honeycomb.io/problems/rate-limited',
          title: 'You have exceeded your rate limit.',
        }),
        headers: {
          'content-type': 'application/problem+json',
          ratelimit: 'limit=100, remaining=0, reset=2',
          'ratelimit-policy': '100;w=60',
          'retry-after': new Date(Date.now() + retryAfterMs).toUTCString(),
        },
      }),
      500: (request) => statusReply(request, 500, 'an internal error has occurred'),
      'partial success': (request) => {
        const { spans, logRecords } = contentsOf(request)
        return exportReply(request, spans.length + logRecords.length)
      },
    },
  }
}

const missingKey = "missing 'x-honeycomb-team' header"
const unknownKey = 'unknown API key - check your credentials'

type Contents = { spans: Span[]; logRecords: LogRecord[]; metrics: string[] }

const contentsOf = (request: VendorRequest): Contents => {
  const { path, body } = request
  const type = typeOf(request)
  if (type !== json && !protobufTypes.includes(type)) {
    throw new Refused(415, `unsupported content type ${type && `“${type.slice(0, 100)}”`}`.trim())
  }
  const otlpType: OtlpContentType = type === json ? json : 'application/x-protobuf'
  try {
    const nothing: Contents = { spans: [], logRecords: [], metrics: [] }
    if (path === '/v1/traces') return { ...nothing, spans: spansOf(decodeTraceRequest(body, otlpType)) }
    if (path === '/v1/logs') return { ...nothing, logRecords: logRecordsOf(decodeLogsRequest(body, otlpType)) }
    const { resourceMetrics } = decodeMetricsRequest(body, otlpType)
    const scopes = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
    return { ...nothing, metrics: scopes.flatMap(({ metrics }) => metrics.map(({ name }) => name)) }
  } catch (error) {
    if (error instanceof MalformedOtlp) throw new Refused(400, `failed to parse OTLP request body: ${error.message}`)
    throw error
  }
}

const typeOf = ({ headers }: VendorRequest): string =>
  (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

const jsonReply = (status: number, body: object, type = json): Reply => ({
  status,
  headers: { 'content-type': type },
  body: JSON.stringify(body),
})

const exportReply = (request: VendorRequest, rejected: number): Reply => {
  const type = typeOf(request)
  const errorMessage = 'rejected'
  const headers = { 'content-type': type }
  if (type !== json) {
    const response = new PbfWriter()
    if (rejected > 0) response.writeMessage(1, writePartialSuccess, { rejected, errorMessage })
    return { status: 200, headers, body: response.finish() }
  }
  const partialSuccess = { [rejectedNames[request.path] ?? '']: String(rejected), errorMessage }
  return jsonReply(200, rejected > 0 ? { partialSuccess } : {})
}

const writePartialSuccess = ({ rejected, errorMessage }: { rejected: number; errorMessage: string }, to: PbfWriter) => {
  to.writeVarintField(1, rejected)
  to.writeStringField(2, errorMessage)
}

/** A google.rpc.Status in the content type of the request. */
const statusReply = (request: VendorRequest, status: number, message: string): Reply => {
  const type = typeOf(request)
  const answer = { code: codes[status] ?? 2, message }
  if (type === json) return jsonReply(status, answer)
  if (protobufTypes.includes(type)) {
    const encoded = new PbfWriter()
    encoded.writeVarintField(1, answer.code)
    encoded.writeStringField(2, message)
    return { status, headers: { 'content-type': type }, body: encoded.finish() }
  }
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: message }
}
