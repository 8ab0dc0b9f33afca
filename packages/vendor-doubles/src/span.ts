import {
  isSpanId,
  isTraceId,
  type OtlpKeyValue,
  type OtlpLogRecord,
  type OtlpLogsRequest,
  type OtlpSpan,
  type OtlpTraceRequest,
  type PlainValue,
  plainAttributes,
  plainValue,
} from '@cruddur/wire/otlp'

export type Attributes = Record<string, PlainValue>

/** A span as Honeycomb keeps it, its ids in hex. */
export type Span = {
  traceId: string
  spanId: string
  /** null at a root. */
  parentSpanId: string | null
  traceState: string
  name: string
  kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'
  service: string
  startMs: number
  endMs: number
  durationMs: number
  status: 'unset' | 'ok' | 'error'
  statusMessage: string
  attributes: Attributes
  resource: Attributes
  scope: { name: string; version: string }
  events: { name: string; timeMs: number; attributes: Attributes }[]
  links: { traceId: string; spanId: string; attributes: Attributes }[]
  /** Attributes, events and links that were set and lost on the way. */
  dropped: number
}

export type LogRecord = {
  timeMs: number
  severity: string
  body: string
  service: string
  traceId: string | null
  spanId: string | null
  attributes: Attributes
}

const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const
const statuses = ['unset', 'ok', 'error'] as const
/** By a quarter of the severity number. */
const severities = ['', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']
const maxCharacters = 65_535

export const spansOf = ({ resourceSpans }: OtlpTraceRequest): Span[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const attributes = attributesOf(resource.attributes)
    return scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => spanOf(span, attributes, { name: scope.name, version: scope.version })),
    )
  })

export const logRecordsOf = ({ resourceLogs }: OtlpLogsRequest): LogRecord[] =>
  resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const service = serviceOf(attributesOf(resource.attributes))
    return scopeLogs
      .flatMap(({ logRecords }) => logRecords)
      .map(({ traceId, spanId, attributes, ...record }) => ({
        timeMs: millis(record.timeUnixNano === '0' ? record.observedTimeUnixNano : record.timeUnixNano),
        severity: record.severityText || (severities[Math.ceil(record.severityNumber / 4)] ?? ''),
        body: bodyOf(record),
        service,
        traceId: isTraceId(traceId) ? traceId : null,
        spanId: isSpanId(spanId) ? spanId : null,
        attributes: attributesOf(attributes),
      }))
  })

/** Sources that are not loggers send objects, or only the name of an event. */
const bodyOf = ({ body, eventName }: Pick<OtlpLogRecord, 'body' | 'eventName'>): string => {
  const value = plainValue(body)
  if (value === null) return eventName
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const spanOf = (span: OtlpSpan, resource: Attributes, scope: Span['scope']): Span => ({
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId || null,
  traceState: span.traceState,
  name: cut(span.name),
  kind: kinds[span.kind] ?? 'unspecified',
  service: serviceOf(resource),
  startMs: millis(span.startTimeUnixNano),
  endMs: millis(span.endTimeUnixNano),
  durationMs: Math.max(0, Number(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano)) / 1e6),
  status: statuses[span.status.code] ?? 'unset',
  statusMessage: cut(span.status.message),
  attributes: attributesOf(span.attributes),
  resource,
  scope,
  events: span.events.map(({ name, timeUnixNano, attributes }) => ({
    name: cut(name),
    timeMs: millis(timeUnixNano),
    attributes: attributesOf(attributes),
  })),
  links: span.links.map(({ traceId, spanId, attributes }) => ({
    traceId,
    spanId,
    attributes: attributesOf(attributes),
  })),
  dropped: span.droppedAttributesCount + span.droppedEventsCount + span.droppedLinksCount,
})

/** Why Honeycomb would not keep this span. null: it would. */
export const problemOf = ({ traceId, spanId, parentSpanId, startMs }: Span): string | null => {
  if (!isTraceId(traceId)) return 'its trace id is not 16 bytes, or is all zeros'
  if (!isSpanId(spanId)) return 'its span id is not 8 bytes, or is all zeros'
  if (parentSpanId !== null && !isSpanId(parentSpanId)) return 'its parent span id is not 8 bytes, or is all zeros'
  return startMs === 0 ? 'it has no start time' : null
}

const serviceOf = ({ 'service.name': name }: Attributes): string =>
  typeof name === 'string' ? name : 'unknown_service'

const attributesOf = (given: readonly OtlpKeyValue[]): Attributes => {
  const attributes = plainAttributes(given)
  for (const [key, value] of Object.entries(attributes)) if (typeof value === 'string') attributes[key] = cut(value)
  return attributes
}

/** To the microsecond, which a number can hold. */
const millis = (nanos: string): number => Number(BigInt(nanos) / 1000n) / 1000
const cut = (text: string): string => (text.length > maxCharacters ? text.slice(0, maxCharacters) : text)
