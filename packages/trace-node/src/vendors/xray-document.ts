import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { attr, browserAttr, relayAttr } from '@cruddur/wire/names'
import { type Attributes, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type AWSXRay from 'aws-xray-sdk-core'
import { cleanError } from '../clean-error.ts'
import { groupBy, parseUrl } from '../node-20.ts'
import { withoutQuery } from '../scrub.ts'
import { xrayTraceId } from '../trace-ids.ts'
import { xraySdk } from './xray-sdk.ts'
import type { EndedSpans } from './xray-segments.ts'

type Subsegment = InstanceType<typeof AWSXRay.Subsegment>
/** The methods that segments and subsegments share; everything else in a document is a field. */
type Node = Record<string, unknown> &
  Pick<
    Subsegment,
    | 'addAnnotation'
    | 'addMetadata'
    | 'addSubsegment'
    | 'removeSubsegment'
    | 'addErrorFlag'
    | 'addFaultFlag'
    | 'addThrottleFlag'
  >

export type XrayDocument = {
  /** For the SDK's emitter. */
  readonly document: object
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

/** One segment with its subsegments inside; subsegments that do not fit become documents of their own. */
export const documentsOf = ({ root, spans }: EndedSpans, naming: SegmentNaming): XrayDocument[] => {
  if (!root) return spans.map((span) => ({ document: loneSubsegment(span, naming.metadata), spans: 1 }))
  const children = groupBy(spans, (span) => span.parentSpanContext?.spanId ?? '')
  const documents: XrayDocument[] = []
  const causes: Causes = new Map()

  // From the leaves up: each child already fits when its parent is measured.
  const fill = (node: Node, span: ReadableSpan): { bytes: number; spans: number } => {
    const { spanId } = span.spanContext()
    const below = children.get(spanId) ?? []
    // A browser's span may name itself as its parent.
    children.delete(spanId)
    const inner = below.map((child) => {
      const childNode = subsegmentOf(child, naming.metadata)
      node.addSubsegment(childNode as unknown as Subsegment)
      return { node: childNode, ...fill(childNode, child) }
    })
    describeCause(node, span, causes)
    let bytes = ownBytes(node) + inner.reduce((sum, { bytes: one }) => sum + one + 1, 0)
    let held = 1
    for (const child of inner.toSorted((a, b) => b.bytes - a.bytes)) {
      if (bytes > largestDocument) {
        bytes -= child.bytes + 1
        node.removeSubsegment(child.node as unknown as Subsegment)
        documents.push({ document: child.node, spans: child.spans })
      } else held += child.spans
    }
    return { bytes, spans: held }
  }

  const segment = segmentOf(root, naming)
  documents.unshift({ document: segment, spans: fill(segment, root).spans })
  return documents
}

const segmentOf = (root: ReadableSpan, { nameOf, rule, metadata }: SegmentNaming): Node => {
  const { traceId, spanId } = root.spanContext()
  const parent = root.parentSpanContext?.spanId
  const segment = new (xraySdk().AWSXRay.Segment)(cleanName(nameOf(root)), xrayTraceId(traceId), parent)
  segment.id = spanId
  const { resource, attributes } = root
  const version = text(settledAttributes(resource), 'service.version')
  segment.setServiceData({ ...(version && { version }) })
  const user = text(attributes, attr.userId)
  if (user && user !== 'anonymous') segment.setUser(user)
  if (rule) segment.setMatchedSamplingRule(rule)
  const node = segment as unknown as Node
  describeSpan(node, root, metadata)
  return node
}

/** The SDK complains about a resource that is read before its detectors are done. */
export const settledAttributes = (resource: ReadableSpan['resource']): Attributes =>
  resource.asyncAttributesPending ? {} : resource.attributes

const subsegmentOf = (span: ReadableSpan, metadata: SegmentMetadata): Node => {
  const subsegment = new (xraySdk().AWSXRay.Subsegment)(cleanName(subsegmentName(span))) as unknown as Node
  subsegment.id = span.spanContext().spanId
  if (isRemote(span)) subsegment.namespace = 'remote'
  const { kind, attributes } = span
  if (kind === SpanKind.CLIENT && attributes[relayAttr.telemetryOrigin] === 'browser') subsegment.traced = true
  describeSpan(subsegment, span, metadata)
  return subsegment
}

/** A span without its segment: X-Ray places it by its parent's id. */
const loneSubsegment = (span: ReadableSpan, metadata: SegmentMetadata): Node => {
  const node = subsegmentOf(span, metadata)
  const { traceId } = span.spanContext()
  Object.assign(node, { type: 'subsegment', trace_id: xrayTraceId(traceId), parent_id: span.parentSpanContext?.spanId })
  describeCause(node, span, new Map())
  ownBytes(node)
  return node
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

const describeSpan = (node: Node, span: ReadableSpan, metadata: SegmentMetadata): void => {
  const { attributes } = span
  node.start_time = seconds(span.startTime)
  node.end_time = seconds(span.endTime)
  delete node.in_progress
  delete node.notTraced

  const http = httpOf(span)
  if (http) node.http = http
  const sql = sqlOf(attributes)
  if (sql) node.sql = sql
  flag(node, span)
  annotate(node, span, metadata)
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
  const full = parseUrl(text(attributes, 'url.full') ?? '')
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
  return URL.canParse(url) ? url : undefined
}

const authorityOf = (address: string, attributes: Attributes): string => {
  // A Unix socket is a path, on this machine.
  if (address.startsWith('/')) return 'localhost'
  const port = number(attributes, 'server.port')
  return `${isIPv6(address) ? `[${address}]` : address}${port ? `:${port}` : ''}`
}

/** X-Ray's three flags: the caller's error, too many requests, and our fault. */
const flag = (node: Node, span: ReadableSpan): void => {
  const code = statusOf(span)
  if (code === 429) node.addThrottleFlag()
  if (isRefusal(code)) node.addErrorFlag()
  else if (isFault(span)) node.addFaultFlag()
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

const annotate = (node: Node, { name, attributes, events }: ReadableSpan, metadata: SegmentMetadata): void => {
  let annotations = 0
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || inOwnField.test(key)) continue
    if (isAnnotation(key) && !Array.isArray(value) && annotations < mostAnnotations) {
      annotations++
      const clean = key.replace(/[^A-Za-z0-9_]/g, '_')
      node.addAnnotation(clean, typeof value === 'string' ? value.slice(0, longest.annotation) : (value as number))
    } else node.addMetadata(key, short(value), 'otel')
  }
  if (node.name !== name) node.addMetadata('name', short(name), 'otel')
  for (const [own, key] of Object.entries(metadata)) {
    if (attributes[key] !== undefined) node.addMetadata(own, attributes[key])
  }
  const others = events.filter((event) => event.name !== 'exception').slice(0, mostEvents)
  if (others.length > 0) {
    const list = others.map((event) => ({
      name: event.name,
      at: seconds(event.time),
      ...shortAll(event.attributes ?? {}),
    }))
    node.addMetadata('events', list, 'otel')
  }
}

/** The id of each exception by its message. Spans that pass an exception on refer to its first id. */
type Causes = Map<string, string>

const describeCause = (node: Node, { attributes, events, kind, status }: ReadableSpan, causes: Causes): void => {
  const recorded = events.filter((event) => event.name === 'exception').slice(0, mostEvents)
  const [first] = recorded
  if (!first) {
    const firstSeen = node.fault && status.message ? causes.get(status.message) : undefined
    if (firstSeen) node.cause = firstSeen
    return
  }
  node.cause = {
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

// The least useful part goes first.
const ownBytes = (node: Node): number => {
  const measure = () => {
    const { segment: _segment, parent: _parent, subsegments: _subsegments, ...own } = node
    return Buffer.byteLength(JSON.stringify(own))
  }
  let bytes = measure()
  for (const part of ['metadata', 'annotations', 'sql', 'http', 'cause']) {
    if (bytes <= largestOwnPart) break
    delete node[part]
    bytes = measure()
  }
  // Room for the type, trace and parent that a subsegment needs in a document of its own.
  return bytes + 120
}

const cleanName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}\p{Zs}_.:/%&#=+\-@]/gu, '_')
    .trim()
    .slice(0, longest.name) || 'unnamed'

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
