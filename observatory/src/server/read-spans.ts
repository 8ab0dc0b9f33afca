import {
  isSpanId,
  isTraceId,
  type OtlpKeyValue,
  type OtlpSpan,
  type OtlpTraceRequest,
  type PlainValue,
  plainAttributes,
} from '@cruddur/shared/otlp'
import type { Attributes, Refusal, Span, SpanKind } from '../trace/span.ts'

const kinds: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']
const statusCodes = ['unset', 'ok', 'error'] as const
/** Honeycomb cuts values here too. */
const mostCharacters = 65_535

export type Read = { spans: Span[]; refusals: Refusal[] }

export const readSpans = (request: OtlpTraceRequest): Read => {
  const spans: Span[] = []
  const refusals: Refusal[] = []
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const attributes = attributesOf(resource.attributes)
    const service = typeof attributes['service.name'] === 'string' ? attributes['service.name'] : 'unknown_service'
    for (const { scope, spans: given } of scopeSpans) {
      for (const span of given) {
        const reason = wrongWith(span)
        if (reason === null) spans.push(spanOf(span, service, attributes, { name: scope.name, version: scope.version }))
        else refusals.push(refusalOf(span, service, reason))
      }
    }
  }
  return { spans, refusals }
}

const wrongWith = (span: OtlpSpan): string | null => {
  if (!isTraceId(span.traceId)) return 'its trace id is not 16 bytes, or is all zeros'
  if (!isSpanId(span.spanId)) return 'its span id is not 8 bytes, or is all zeros'
  if (span.parentSpanId !== '' && !isSpanId(span.parentSpanId))
    return 'its parent span id is not 8 bytes, or is all zeros'
  if (/^0*$/.test(span.startTimeUnixNano)) return 'it has no start time'
  return null
}

const refusalOf = (span: OtlpSpan, service: string, reason: string): Refusal => ({
  atMs: Date.now(),
  vendor: 'honeycomb',
  what: 'span',
  reason,
  name: `${span.name || '(no name)'} of ${service}`,
  traceId: span.traceId,
})

const millis = (nanos: string): number => Number(BigInt(nanos) / 1000n) / 1000

const spanOf = (span: OtlpSpan, service: string, resource: Attributes, scope: Span['scope']): Span => {
  const nanos = BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId || null,
    name: cut(span.name),
    kind: kinds[span.kind] ?? 'unspecified',
    service,
    startMs: millis(span.startTimeUnixNano),
    durationMs: Math.max(0, Number(nanos) / 1e6),
    status: { code: statusCodes[span.status.code] ?? 'unset', message: cut(span.status.message) },
    attributes: attributesOf(span.attributes),
    resource,
    scope,
    events: span.events.map((event) => ({
      name: cut(event.name),
      timeMs: millis(event.timeUnixNano),
      attributes: attributesOf(event.attributes),
    })),
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      attributes: attributesOf(link.attributes),
    })),
  }
}

const attributesOf = (given: readonly OtlpKeyValue[]): Attributes =>
  Object.fromEntries(
    Object.entries(plainAttributes(given)).map(([key, value]): [string, PlainValue] => [key, cutValue(value)]),
  )

const cut = (text: string): string => (text.length > mostCharacters ? text.slice(0, mostCharacters) : text)
const cutValue = (value: PlainValue): PlainValue => (typeof value === 'string' ? cut(value) : value)
