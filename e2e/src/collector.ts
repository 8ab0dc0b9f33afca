import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import {
  decodeTraceRequest,
  type OtlpContentType,
  type OtlpSpan,
  type PlainValue,
  plainAttributes,
} from '@cruddur/shared/otlp'

export type CollectedSpan = {
  traceId: string
  spanId: string
  /** null at a root. */
  parentSpanId: string | null
  name: string
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  service: string
  startMs: number
  endMs: number
  status: 'unset' | 'ok' | 'error'
  attributes: Record<string, PlainValue>
  resource: Record<string, PlainValue>
  events: { name: string; timeMs: number; attributes: Record<string, PlainValue> }[]
  links: { traceId: string; spanId: string }[]
  /** Attributes, events and links that were set and lost on the way. */
  dropped: number
}

type CollectedRequest = {
  path: string
  headers: IncomingHttpHeaders
  services: string[]
  bytes: number
  /** Decompressed. */
  body: Buffer
}
type IsEnough = (spans: readonly CollectedSpan[]) => boolean

export type Collector = {
  url: string
  spans: readonly CollectedSpan[]
  requests: readonly CollectedRequest[]
  /** From now on every export is answered with this status, and kept only when it is 200. */
  answerWith: (status: number) => void
  /** All spans, as soon as `isEnough` says so. */
  waitFor: (isEnough: IsEnough, timeoutMs?: number) => Promise<readonly CollectedSpan[]>
  stop: () => Promise<void>
}

const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const statuses = ['unset', 'ok', 'error'] as const

const flat = (span: OtlpSpan, resource: CollectedSpan['resource']): CollectedSpan => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || null,
  name: span.name,
  kind: kinds[span.kind] ?? 'internal',
  service: String(resource['service.name']),
  startMs: Number(span.startTimeUnixNano) / 1e6,
  endMs: Number(span.endTimeUnixNano) / 1e6,
  status: statuses[span.status.code] ?? 'unset',
  attributes: plainAttributes(span.attributes),
  resource,
  events: span.events.map(({ name, timeUnixNano, attributes }) => ({
    name,
    timeMs: Number(timeUnixNano) / 1e6,
    attributes: plainAttributes(attributes),
  })),
  links: span.links.map(({ traceId, spanId }) => ({ traceId, spanId })),
  dropped: span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount,
})

/** An OTLP/HTTP endpoint of the test's own on a free port: JSON and protobuf, gzip too. What it takes it can hand on. */
export const startCollector = async ({ handOnTo }: { handOnTo?: string | undefined } = {}): Promise<Collector> => {
  const spans: CollectedSpan[] = []
  const requests: CollectedRequest[] = []
  const waiting = new Set<() => void>()
  let status = 200

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    const raw = Buffer.from(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body)
    const type = (request.headers['content-type'] ?? '').split(';')[0] as OtlpContentType
    // Log records and metrics are kept as they came.
    const { resourceSpans } = request.url === '/v1/traces' ? decodeTraceRequest(raw, type) : { resourceSpans: [] }
    const taken = resourceSpans.flatMap(({ resource, scopeSpans }) => {
      const attributes = plainAttributes(resource.attributes)
      return scopeSpans.flatMap((scope) => scope.spans.map((span) => flat(span, attributes)))
    })
    const services = [...new Set(taken.map(({ service }) => service))]
    requests.push({ path: request.url ?? '', headers: request.headers, services, bytes: body.length, body: raw })
    if (status === 200) spans.push(...taken)
    if (handOnTo) await handOn(handOnTo + request.url, type, raw)
    response.writeHead(status, { 'content-type': type })
    response.end(type === 'application/json' ? '{}' : '')
    for (const check of waiting) check()
  }

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.writeHead(400).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const waitFor = (isEnough: IsEnough, timeoutMs = 15_000): Promise<readonly CollectedSpan[]> =>
    new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        waiting.delete(check)
        finish()
      }
      const check = () => {
        if (isEnough(spans)) settle(() => resolve(spans))
      }
      const timer = setTimeout(
        () => settle(() => reject(new Error(`not in ${timeoutMs} ms; last came:\n${lastNames(spans)}`))),
        timeoutMs,
      )
      waiting.add(check)
      check()
    })

  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    answerWith: (next) => {
      status = next
    },
    waitFor,
    stop,
  }
}

const handOn = async (url: string, type: string, body: Buffer<ArrayBuffer>): Promise<void> => {
  const { ok, status } = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
  if (!ok) throw new Error(`${url} answers ${status}`)
}

const lastNames = (spans: readonly CollectedSpan[]): string =>
  spans
    .slice(-20)
    .map(({ service, kind, name, traceId }) => `${service} ${kind} ${name} ${traceId}`)
    .join('\n')
