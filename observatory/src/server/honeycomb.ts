import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  decodeLogsRequest,
  decodeMetricsRequest,
  decodeTraceRequest,
  isSpanId,
  isTraceId,
  MalformedOtlp,
  type OtlpContentType,
  plainAttributes,
} from '@cruddur/shared/otlp'
import { untraced } from '../trace/span.ts'
import { BodyTooLarge, BodyUnreadable, readBody } from './body.ts'
import type { Refusing, Spoken } from './faults.ts'
import type { Intake } from './intake.ts'
import { readSpans } from './read-spans.ts'

const maxBodyBytes = 20 * 1024 * 1024

const jsonType = 'application/json'
const protobufTypes = ['application/x-protobuf', 'application/protobuf']

const typeOf = (request: IncomingMessage): string =>
  (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

type Take = (intake: Intake, body: Uint8Array, type: OtlpContentType) => void

const takeTraces: Take = ({ store, changed }, body, type) => {
  const { spans, refusals } = readSpans(decodeTraceRequest(body, type))
  for (const refusal of refusals) store.refuse(refusal)
  for (const span of spans) store.addSpan(span)
  changed(new Set(spans.map((span) => span.traceId)))
}

let records = 0

const takeLogRecords: Take = ({ store, changed }, body, type) => {
  const changes = new Set<string>()
  for (const { resource, scopeLogs } of decodeLogsRequest(body, type).resourceLogs) {
    const stream = String(plainAttributes(resource.attributes)['service.name'] ?? '')
    for (const record of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
      const traceId = isTraceId(record.traceId) ? record.traceId : null
      store.addLog({
        id: `otlp-${++records}`,
        timeMs: Number(record.timeUnixNano) / 1e6,
        group: 'OTLP',
        stream,
        level: record.severityText.toLowerCase(),
        message: record.body.stringValue ?? '',
        traceId,
        spanId: isSpanId(record.spanId) ? record.spanId : null,
        fields: plainAttributes(record.attributes),
      })
      changes.add(traceId ?? untraced)
    }
  }
  changed(changes)
}

/** Metrics are taken and not shown: what they say is asked of the spans here. */
const takeMetrics: Take = (_intake, body, type) => void decodeMetricsRequest(body, type)

const takes: Record<string, Take> = {
  '/v1/traces': takeTraces,
  '/v1/logs': takeLogRecords,
  '/v1/metrics': takeMetrics,
}
export const isOtlpPath = (path: string): boolean => path in takes

/** `POST /v1/…`, with Honeycomb's answers. It asks for no key: here there is nothing to pay for. */
export const takeOtlp =
  (intake: Intake) =>
  async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const { store, changed } = intake
    const type = typeOf(request)
    const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
    const json = type === jsonType
    const refuse = (status: number, code: number, reason: string) => {
      const refusal = { atMs: Date.now(), vendor: 'honeycomb', what: 'request', name: '', traceId: '' } as const
      store.refuse({ ...refusal, reason: `${reason} (${status})` })
      changed([])
      const { headers, body } = statusAnswer(request, status, code, reason)
      response.writeHead(status, headers).end(body)
    }
    if (!json && !protobufTypes.includes(type)) {
      return refuse(415, invalidArgument, `unsupported content type ${type ? `“${type.slice(0, 100)}”` : ''}`.trim())
    }
    if (encoding !== 'identity' && encoding !== 'gzip') {
      return refuse(415, invalidArgument, `unsupported content encoding “${encoding.slice(0, 100)}”`)
    }
    try {
      const body = await readBody(request, encoding === 'gzip', maxBodyBytes)
      takes[path]?.(intake, body, json ? jsonType : 'application/x-protobuf')
      response.writeHead(200, { 'content-type': type }).end(json ? '{}' : '')
    } catch (error) {
      if (error instanceof BodyTooLarge) {
        response.setHeader('connection', 'close')
        refuse(413, resourceExhausted, `the body is larger than ${maxBodyBytes / 1024 / 1024} MiB`)
      } else if (error instanceof MalformedOtlp || error instanceof BodyUnreadable) {
        if (request.destroyed && !request.complete) return
        refuse(400, invalidArgument, `failed to parse OTLP request body: ${error.message}`)
      } else throw error
    }
  }

const invalidArgument = 3
const resourceExhausted = 8
const internal = 13
const unauthenticated = 16
const retryAfterMs = 2000

export const honeycombRefusing: Refusing = {
  401: (request) => {
    const why = request.headers['x-honeycomb-team']
      ? 'unknown API key - check your credentials'
      : "missing 'x-honeycomb-team' header"
    return statusAnswer(request, 401, unauthenticated, why)
  },
  429: () => ({
    status: 429,
    headers: {
      'content-type': 'application/problem+json',
      ratelimit: 'limit=100, remaining=0, reset=2',
      'ratelimit-policy': '100;w=60',
      'retry-after': new Date(Date.now() + retryAfterMs).toUTCString(),
    },
    body: JSON.stringify({
      status: 429,
      type: 'https://api.honeycomb.io/problems/rate-limited',
      title: 'You have exceeded your rate limit.',
    }),
  }),
  500: (request) => statusAnswer(request, 500, internal, 'an internal error has occurred'),
}

/** A google.rpc.Status in the request's own content type. */
const statusAnswer = (request: IncomingMessage, status: number, code: number, message: string): Spoken => {
  const type = typeOf(request)
  if (type === jsonType) return { status, headers: { 'content-type': type }, body: JSON.stringify({ code, message }) }
  if (!protobufTypes.includes(type)) {
    return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: message }
  }
  return { status, headers: { 'content-type': type }, body: packed(code, message) }
}

const packed = (code: number, message: string): Uint8Array => {
  const text = Buffer.from(message).subarray(0, 0x3fff)
  return Buffer.concat([Buffer.from([0x08, code, 0x12, (text.length & 0x7f) | 0x80, text.length >> 7]), text])
}
