import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { attr, browserAttr, relayAttr } from '@cruddur/wire/names'
import { type Attributes, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { cleanError } from '../clean-error.ts'
import { groupBy, parseUrl } from '../node-20.ts'
import { remembered } from '../remembered.ts'
import { withoutQuery } from '../scrub.ts'
import { xrayTraceId } from '../trace-ids.ts'
import { xraySdk } from './xray-sdk.ts'
import type { EndedSpans } from './xray-segments.ts'

type Fields = Record<string, unknown>

export type XrayDocument = {
  /** For the SDK's emitter. */
  readonly document: Formatted
  readonly spans: number
}

type SegmentNaming = {
  readonly nameOf: (root: ReadableSpan) => string
  /** The sampling rule that kept the segment. */
  readonly rule: string | undefined
  readonly metadata: SegmentMetadata
}

/** The attribute for each name of metadata. */
export type SegmentMetadata = Readonly<Record<string, string>>

/** X-Ray and UDP both accept 64 kB, and the SDK adds a header line. */
const largestDocument = 60_000
const largestOwnPart = 48_000
const longest = { name: 200, annotation: 1_000, metadata: 2_000, sql: 8_000, message: 2_000, list: 20 }
const mostAnnotations = 50
const mostEvents = 20

/** Larger segments are written span by span. */
const largestAtOnce = 40_000
const mostAtOnce = 150

/**
 * One segment with its subsegments inside; subsegments that do not fit become documents of their own. The SDK's classes
 * would write each span as JSON three times, and copy it twice.
 */
export const documentsOf = ({ root, spans }: EndedSpans, naming: SegmentNaming): XrayDocument[] => {
  const { metadata } = naming
  if (!root) return spans.map((span) => loneSubsegment(span, metadata))
  const causes: Causes = new Map()
  const children = groupBy(spans, (span) => span.parentSpanContext?.spanId ?? '')

  // From the leaves up: a span that passes an exception on refers to it.
  const describeAll = (fields: Fields, span: ReadableSpan): Described => {
    const { spanId } = span.spanContext()
    const below = children.get(spanId) ?? []
    // A browser's span may name itself as its parent.
    children.delete(spanId)
    const inner = below.map((child) => describeAll(subsegmentOf(child, metadata), child))
    describeCause(fields, span, causes)
    if (inner.length > 0) fields.subsegments = inner.map((one) => one.fields)
    return { fields, spanId, inner, spans: inner.reduce((sum, one) => sum + one.spans, 1) }
  }

  const segment = describeAll(segmentOf(root, naming), root)
  if (segment.spans <= mostAtOnce) {
    const text = JSON.stringify(segment.fields)
    if (Buffer.byteLength(text) <= largestAtOnce) return [{ document: new Formatted(text), spans: segment.spans }]
  }
  return separately(segment, xrayTraceId(root.spanContext().traceId))
}

/** The fields of a span, and the spans below it. */
type Described = {
  readonly fields: Fields
  readonly spanId: string
  readonly inner: readonly Described[]
  readonly spans: number
}

/** Writes each span by itself, to measure it: from the leaves up, each child already fits when its parent is measured. */
const separately = (segment: Described, traceId: string): XrayDocument[] => {
  const documents: XrayDocument[] = []
  const write = ({ fields, spanId, inner: below }: Described): Written => {
    delete fields.subsegments
    const inner = below.map(write)
    const own = writtenAlone(fields)
    let bytes = own.bytes + inner.reduce((sum, { bytes: one }) => sum + one + 1, 0)
    const apart = new Set<Written>()
    if (bytes > largestDocument) {
      for (const child of inner.toSorted((one, other) => other.bytes - one.bytes)) {
        if (bytes <= largestDocument) break
        bytes -= child.bytes + 1
        apart.add(child)
        documents.push(ofSubsegment(child, { traceId, parentId: spanId }))
      }
    }
    const inside = apart.size === 0 ? inner : inner.filter((child) => !apart.has(child))
    if (inside.length === 0) return own
    const subsegments = inside.map(({ text }) => text).join()
    const text = `${own.text.slice(0, -1)},"subsegments":[${subsegments}]}`
    return { text, bytes, spans: inside.reduce((sum, child) => sum + child.spans, 1) }
  }
  const { text, spans } = write(segment)
  return [{ document: new Formatted(text), spans }, ...documents]
}

/** A span with the spans below it, as JSON. */
type Written = { readonly text: string; readonly bytes: number; readonly spans: number }

/** What the SDK's emitter needs of a segment. It also turns each one into text for its debug log. */
class Formatted {
  readonly #json: string

  constructor(json: string) {
    this.#json = json
  }

  format(): string {
    return this.#json
  }

  toString(): string {
    return 'a segment'
  }
}

type Place = { readonly traceId: string; readonly parentId: string | undefined }

/** X-Ray places a subsegment without its segment by its parent's id. */
const ofSubsegment = ({ text, spans }: Written, { traceId, parentId }: Place): XrayDocument => {
  const place = JSON.stringify({ type: 'subsegment', trace_id: traceId, parent_id: parentId })
  return { document: new Formatted(`${place.slice(0, -1)},${text.slice(1)}`), spans }
}

const loneSubsegment = (span: ReadableSpan, metadata: SegmentMetadata): XrayDocument => {
  const fields = subsegmentOf(span, metadata)
  describeCause(fields, span, new Map())
  const traceId = xrayTraceId(span.spanContext().traceId)
  return ofSubsegment(writtenAlone(fields), { traceId, parentId: span.parentSpanContext?.spanId })
}

const segmentOf = (root: ReadableSpan, { nameOf, rule, metadata }: SegmentNaming): Fields => {
  const { traceId, spanId } = root.spanContext()
  const { resource, attributes, parentSpanContext: parent } = root
  const version = text(settledAttributes(resource), 'service.version')
  const user = text(attributes, attr.userId)
  // What the SDK and its plugins know about this machine.
  const { origin, pluginData, sdkData } = xraySdk().AWSXRay.SegmentUtils as unknown as AboutProcess
  return describe(root, metadata, {
    name: cleanName(nameOf(root)),
    id: spanId,
    trace_id: xrayTraceId(traceId),
    ...(parent && { parent_id: parent.spanId }),
    ...(origin !== undefined && { origin }),
    aws: { ...pluginData, xray: { ...sdkData, ...(rule && { rule_name: rule }) } },
    service: version ? { version } : {},
    ...(user && user !== 'anonymous' && { user }),
  })
}

type AboutProcess = { readonly origin?: string; readonly pluginData?: object; readonly sdkData?: object }

/** The SDK complains about a resource that is read before its detectors are done. */
export const settledAttributes = (resource: ReadableSpan['resource']): Attributes =>
  resource.asyncAttributesPending ? {} : resource.attributes

const subsegmentOf = (span: ReadableSpan, metadata: SegmentMetadata): Fields => {
  const { kind, attributes } = span
  return describe(span, metadata, {
    name: cleanName(subsegmentName(span)),
    id: span.spanContext().spanId,
    ...(isRemote(span) && { namespace: 'remote' }),
    ...(kind === SpanKind.CLIENT && attributes[relayAttr.telemetryOrigin] === 'browser' && { traced: true }),
  })
}

// X-Ray draws its service map from these names, so all queries of a database share one name.
const subsegmentName = (span: ReadableSpan): string => {
  const { attributes } = span
  if (!isRemote(span)) return span.name
  if (isQuery(attributes)) return `${text(attributes, 'db.namespace') ?? 'database'}@${hostOf(attributes) ?? 'unknown'}`
  return hostOf(attributes) ?? span.name
}

const isQuery = (attributes: Attributes): boolean => text(attributes, 'db.query.text') !== undefined
// Waiting for a connection of our own pool is not a remote call.
const isRemote = ({ kind, attributes }: ReadableSpan): boolean =>
  (kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER) &&
  (isQuery(attributes) || text(attributes, 'db.system.name') === undefined)

const describe = (span: ReadableSpan, metadata: SegmentMetadata, fields: Fields): Fields => {
  fields.start_time = seconds(span.startTime)
  fields.end_time = seconds(span.endTime)
  const http = httpOf(span)
  if (http) fields.http = http
  const sql = sqlOf(span.attributes)
  if (sql) fields.sql = sql
  flag(fields, span)
  annotate(fields, span, metadata)
  return fields
}

const httpOf = ({ kind, attributes }: ReadableSpan): object | undefined => {
  const method = text(attributes, 'http.request.method')
  if (!method) return undefined
  const status = number(attributes, 'http.response.status_code')
  const length = number(attributes, 'http.response.body.size')
  const client = text(attributes, 'client.address') ?? text(attributes, 'network.peer.address')
  const peer = text(attributes, 'network.peer.address')
  return {
    request: {
      method,
      url: urlOf(attributes),
      ...(kind === SpanKind.SERVER && {
        user_agent: text(attributes, 'user_agent.original'),
        client_ip: client?.replace(/^::ffff:/, ''),
        ...(client !== peer && { x_forwarded_for: true }),
      }),
    },
    ...(status !== undefined && {
      response: { status, ...(length !== undefined && { content_length: length }) },
    }),
  }
}

const urlOf = (attributes: Attributes): string | undefined => {
  const full = text(attributes, 'url.full')
  const host = hostOf(attributes)
  const path = text(attributes, 'url.path') ?? ''
  const url = full ?? (host && `${text(attributes, 'url.scheme') ?? 'http'}://${host}${path}`)
  return url && withoutQuery(url).slice(0, longest.annotation)
}

export const hostOf = (attributes: Attributes): string | undefined => {
  const url = text(attributes, 'url.full')
  const full = url === undefined ? null : parseUrl(url)
  const address = text(attributes, 'server.address') ?? full?.hostname
  if (!address) return undefined
  const port = number(attributes, 'server.port') ?? Number(full?.port)
  return port && port !== 80 && port !== 443 ? `${address}:${port}` : address
}

const sqlOf = (attributes: Attributes): object | undefined => {
  const query = text(attributes, 'db.query.text')
  if (query === undefined) return undefined
  const type = text(attributes, 'db.system.name') ?? 'sql'
  return {
    sanitized_query: query.slice(0, longest.sql),
    database_type: type,
    url: sqlUrlOf(attributes, type),
  }
}

/** The OpenTelemetry Collector refuses a whole segment whose URL lacks scheme, host or database. */
const sqlUrlOf = (attributes: Attributes, scheme: string): string | undefined => {
  const database = text(attributes, 'db.namespace')
  const address = text(attributes, 'server.address')
  if (!database || !address) return undefined
  const url = `${scheme}://${authorityOf(address, attributes)}/${encodeURIComponent(database.toWellFormed())}`
  return isUrl(url) ? url : undefined
}

const isUrl = remembered((url) => URL.canParse(url))

const authorityOf = (address: string, attributes: Attributes): string => {
  // A Unix socket is a path, on this machine.
  if (address.startsWith('/')) return 'localhost'
  const port = number(attributes, 'server.port')
  const host = address.includes(':') && isIPv6(address) ? `[${address}]` : address
  return `${host}${port ? `:${port}` : ''}`
}

/** X-Ray's three flags: the caller's error, too many requests, and our fault. */
const flag = (fields: Fields, span: ReadableSpan): void => {
  const code = statusOf(span)
  if (code === 429) fields.throttle = true
  if (isRefusal(code)) fields.error = true
  else if (isFault(span)) fields.fault = true
}

export const isFault = (span: ReadableSpan): boolean => {
  const code = statusOf(span)
  return code >= 500 || (span.status.code === SpanStatusCode.ERROR && !isRefusal(code))
}

const statusOf = ({ attributes }: ReadableSpan): number => number(attributes, 'http.response.status_code') ?? 0

const isRefusal = (code: number): boolean => code >= 400 && code < 500

const isAnnotation = (key: string): boolean =>
  key.startsWith('app.') || annotated.has(key) || key === browserAttr.sessionId || key === relayAttr.telemetryOrigin
const annotated = new Set([
  'http.route',
  'url.template',
  'page.route',
  'db.query.summary',
  'db.operation.name',
  'error.type',
])

// A document has its own fields for these attributes.
const inOwnField =
  /^(http\.(request\.method|response\.status_code)|url\.(full|path|scheme)|server\.|client\.|user_agent\.original|network\.peer|db\.query\.text)/

/** Where an attribute stands in a document: its annotation's name, in the metadata, or in a field of its own. */
const placeOf = remembered((key) => {
  if (inOwnField.test(key)) return { own: true }
  return isAnnotation(key) ? { annotation: key.replace(/[^A-Za-z0-9_]/g, '_') } : {}
})

const annotate = (fields: Fields, { name, attributes, events }: ReadableSpan, metadata: SegmentMetadata): void => {
  const annotations: Fields = {}
  const otel: Fields = {}
  let left = mostAnnotations
  for (const key in attributes) {
    const value = attributes[key]
    if (value === undefined || value === null) continue
    const { own, annotation } = placeOf(key)
    if (own) continue
    if (annotation !== undefined && !Array.isArray(value) && left > 0) {
      left--
      if (typeof value === 'string') annotations[annotation] = value.slice(0, longest.annotation)
      else if (typeof value === 'boolean' || Number.isFinite(value)) annotations[annotation] = value
    } else otel[key] = short(value)
  }
  if (fields.name !== name) otel.name = short(name)
  const others = events.filter((event) => event.name !== 'exception').slice(0, mostEvents)
  if (others.length > 0) {
    otel.events = others.map((event) => ({
      name: event.name,
      at: seconds(event.time),
      ...shortAll(event.attributes ?? {}),
    }))
  }
  const own: Fields = {}
  for (const name in metadata) {
    const value = attributes[metadata[name] as string]
    if (value !== undefined) own[name] = value
  }
  const [hasOtel, hasOwn] = [isFilled(otel), isFilled(own)]
  if (isFilled(annotations)) fields.annotations = annotations
  if (hasOtel || hasOwn) fields.metadata = { ...(hasOtel && { otel }), ...(hasOwn && { default: own }) }
}

const isFilled = (fields: Fields): boolean => {
  for (const _ in fields) return true
  return false
}

/** The id of each exception by its message. Spans that pass an exception on refer to its first id. */
type Causes = Map<string, string>

const describeCause = (fields: Fields, { attributes, events, kind, status }: ReadableSpan, causes: Causes): void => {
  const recorded = events.filter((event) => event.name === 'exception').slice(0, mostEvents)
  const [first] = recorded
  if (!first) {
    const firstSeen = fields.fault && status.message ? causes.get(status.message) : undefined
    if (firstSeen) fields.cause = firstSeen
    return
  }
  fields.cause = {
    working_directory: process.cwd(),
    exceptions: recorded.map(({ attributes: about = {} }) => {
      const id = randomBytes(8).toString('hex')
      const message = (text(about, 'exception.message') ?? '').slice(0, longest.message)
      causes.set(message, id)
      return {
        id,
        message,
        type: text(about, 'exception.type') ?? 'Error',
        remote: kind === SpanKind.CLIENT && attributes['http.response.status_code'] !== undefined,
        stack: framesOf(text(about, 'exception.stacktrace') ?? ''),
      }
    }),
  }
}

/** The SDK's own parser reads `file` as the path of `file:///…`. */
const framesOf = (stack: string): object[] => {
  const original = Object.assign(new Error(), { stack })
  const lines = (cleanError(original).stack ?? '').split('\n').slice(1)
  return lines.flatMap((line) => {
    const match = /^\s*at (?:(.*) \()?(.+?):(\d+):\d+\)?$/.exec(line)
    return match ? [{ path: match[2], line: Number(match[3]), label: match[1] || 'anonymous' }] : []
  })
}

/** Without the spans below it. The least useful part goes first, if there is too much. */
const writtenAlone = (fields: Fields): Written => {
  let text = JSON.stringify(fields)
  let bytes = Buffer.byteLength(text)
  for (const part of ['metadata', 'annotations', 'sql', 'http', 'cause']) {
    if (bytes <= largestOwnPart) break
    delete fields[part]
    text = JSON.stringify(fields)
    bytes = Buffer.byteLength(text)
  }
  // Room for the type, trace and parent that a subsegment needs in a document of its own.
  return { text, bytes: bytes + 120, spans: 1 }
}

const cleanName = remembered(
  (name) =>
    name
      .replace(/[^\p{L}\p{N}\p{Zs}_.:/%&#=+\-@]/gu, '_')
      .trim()
      .slice(0, longest.name) || 'unnamed',
)

const seconds = ([whole, nanos]: HrTime): number => whole + nanos / 1e9

const text = (attributes: Attributes, key: string): string | undefined => {
  const { [key]: value } = attributes
  return typeof value === 'string' && value !== '' ? value : undefined
}

const number = (attributes: Attributes, key: string): number | undefined => {
  const { [key]: value } = attributes
  return typeof value === 'number' ? value : undefined
}

const short = (value: unknown): unknown => {
  if (typeof value === 'string') return value.slice(0, longest.metadata)
  return Array.isArray(value) ? value.slice(0, longest.list).map(short) : value
}

const shortAll = (attributes: Attributes) =>
  Object.fromEntries(
    Object.entries(attributes)
      .slice(0, longest.list)
      .map(([key, value]) => [key, short(value)]),
  )
