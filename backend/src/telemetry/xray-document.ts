import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { attr, browserAttr, relayAttr } from '@cruddur/shared/telemetry'
import { type Attributes, type HrTime, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { cleanError } from './clean-error.ts'
import { xrayTraceId } from './trace-ids.ts'
import { AWSXRay } from './xray-sdk.ts'

type Subsegment = InstanceType<typeof AWSXRay.Subsegment>
/** What segments and subsegments have in common; the rest of the document is fields. */
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

export type LocalTrace = {
  /** The request, the interaction: it becomes the segment. Without it each span is a document of its own. */
  readonly root?: ReadableSpan | undefined
  readonly spans: readonly ReadableSpan[]
}

export type SegmentNaming = {
  readonly nameOf: (root: ReadableSpan) => string
  readonly rule?: string | undefined
}

/** X-Ray takes 64 kB, and so does a datagram with its header line. */
export const largestDocument = 60_000
const largestOwnPart = 48_000
const longest = { name: 200, annotation: 1_000, metadata: 2_000, sql: 8_000, message: 2_000, list: 20 }
const mostAnnotations = 50
const mostEvents = 20

/** The documents of what happened in one place: one segment with its subsegments inside, and beside it what does not fit. */
export const documentsOf = ({ root, spans }: LocalTrace, naming: SegmentNaming): XrayDocument[] => {
  if (!root) return spans.map((span) => ({ document: loneSubsegment(span), spans: 1 }))
  const children = Map.groupBy(spans, (span) => span.parentSpanContext?.spanId ?? '')
  const documents: XrayDocument[] = []
  const causes: Causes = new Map()

  // From the leaves up, so that whatever is put into a parent already fits.
  const fill = (node: Node, span: ReadableSpan): { bytes: number; spans: number } => {
    const { spanId } = span.spanContext()
    const below = children.get(spanId) ?? []
    // A stranger's span may name itself as its parent.
    children.delete(spanId)
    const inner = below.map((child) => {
      const childNode = subsegmentOf(child)
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

const segmentOf = (root: ReadableSpan, { nameOf, rule }: SegmentNaming): Node => {
  const { traceId, spanId } = root.spanContext()
  const parent = root.parentSpanContext?.spanId
  const segment = new AWSXRay.Segment(cleanName(nameOf(root)), xrayTraceId(traceId), parent)
  segment.id = spanId
  const { resource, attributes } = root
  const version = text(settledAttributes(resource), 'service.version')
  segment.setServiceData({ ...(version && { version }) })
  const user = text(attributes, attr.userId)
  if (user && user !== 'anonymous') segment.setUser(user)
  if (rule) segment.setMatchedSamplingRule(rule)
  const node = segment as unknown as Node
  describeSpan(node, root)
  return node
}

/** A resource that is still finding out about its host complains when it is asked. */
export const settledAttributes = (resource: ReadableSpan['resource']): Attributes =>
  resource.asyncAttributesPending ? {} : resource.attributes

const subsegmentOf = (span: ReadableSpan): Node => {
  const subsegment = new AWSXRay.Subsegment(cleanName(subsegmentName(span))) as unknown as Node
  subsegment.id = span.spanContext().spanId
  if (isRemote(span)) subsegment.namespace = 'remote'
  const { kind, attributes } = span
  if (kind === SpanKind.CLIENT && attributes[relayAttr.telemetryOrigin] === 'browser') subsegment.traced = true
  describeSpan(subsegment, span)
  return subsegment
}

/** A span whose segment has left, or has not come: X-Ray puts it in its place by its parent. */
const loneSubsegment = (span: ReadableSpan): Node => {
  const node = subsegmentOf(span)
  const { traceId } = span.spanContext()
  Object.assign(node, { type: 'subsegment', trace_id: xrayTraceId(traceId), parent_id: span.parentSpanContext?.spanId })
  describeCause(node, span, new Map())
  ownBytes(node)
  return node
}

// The map of services is drawn from these names: a database is one place in it, whatever is asked of it.
const subsegmentName = (span: ReadableSpan): string => {
  const { attributes } = span
  if (!isRemote(span)) return span.name
  if (isQuery(attributes))
    return `${text(attributes, 'db.namespace', 'db.name') ?? 'database'}@${hostOf(attributes) ?? 'unknown'}`
  return hostOf(attributes) ?? span.name
}

const isQuery = (attributes: Attributes): boolean => text(attributes, 'db.query.text', 'db.statement') !== undefined
// Waiting for a connection of the pool is a wait of ours, not a call.
const isRemote = ({ kind, attributes }: ReadableSpan): boolean =>
  (kind === SpanKind.CLIENT || kind === SpanKind.PRODUCER) &&
  (isQuery(attributes) || text(attributes, 'db.system.name', 'db.system') === undefined)

const describeSpan = (node: Node, span: ReadableSpan): void => {
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
  annotate(node, span)
}

const httpOf = ({ kind, attributes }: ReadableSpan): object | undefined => {
  const method = text(attributes, 'http.request.method', 'http.method')
  if (!method) return undefined
  const status = number(attributes, 'http.response.status_code', 'http.status_code')
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
  const full = text(attributes, 'url.full', 'http.url')
  const host = hostOf(attributes)
  const path = text(attributes, 'url.path') ?? ''
  const url = full ?? (host && `${text(attributes, 'url.scheme') ?? 'http'}://${host}${path}`)
  return url?.replace(/[?#].*$/s, '').slice(0, longest.annotation)
}

export const hostOf = (attributes: Attributes): string | undefined => {
  const full = URL.parse(text(attributes, 'url.full', 'http.url') ?? '')
  const address = text(attributes, 'server.address') ?? full?.hostname
  if (!address) return undefined
  const port = number(attributes, 'server.port') ?? Number(full?.port)
  return port && port !== 80 && port !== 443 ? `${address}:${port}` : address
}

const sqlOf = (attributes: Attributes): object | undefined => {
  const query = text(attributes, 'db.query.text', 'db.statement')
  if (query === undefined) return undefined
  const type = text(attributes, 'db.system.name', 'db.system') ?? 'sql'
  return {
    sanitized_query: query.slice(0, longest.sql),
    database_type: type,
    url: sqlUrlOf(attributes, type),
    user: text(attributes, 'db.user'),
  }
}

/** The OpenTelemetry Collector refuses the whole segment when it finds no scheme, host and database in it. */
const sqlUrlOf = (attributes: Attributes, scheme: string): string | undefined => {
  const database = text(attributes, 'db.namespace', 'db.name')
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

/** X-Ray's three colours: the caller's mistake, too much of it, and ours. */
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

const statusOf = ({ attributes }: ReadableSpan): number =>
  number(attributes, 'http.response.status_code', 'http.status_code') ?? 0

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

// Told by fields of their own.
const told =
  /^(http\.(request\.method|response\.status_code)|url\.(full|path|scheme)|server\.|client\.|user_agent\.original|network\.peer|db\.query\.text|db\.statement)/

const annotate = (node: Node, { name, attributes, events }: ReadableSpan): void => {
  let annotations = 0
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || told.test(key)) continue
    if (isAnnotation(key) && !Array.isArray(value) && annotations < mostAnnotations) {
      annotations++
      const clean = key.replace(/[^A-Za-z0-9_]/g, '_')
      node.addAnnotation(clean, typeof value === 'string' ? value.slice(0, longest.annotation) : (value as number))
    } else node.addMetadata(key, short(value), 'otel')
  }
  if (node.name !== name) node.addMetadata('name', short(name), 'otel')
  const [now, length] = [attributes[attr.now], attributes[attr.resultLength]]
  if (now !== undefined) node.addMetadata('now', now)
  if (length !== undefined) node.addMetadata('results-size', length)
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

/** Where an exception was first seen, by what it says: whoever passes it on only points there. */
type Causes = Map<string, string>

const describeCause = (node: Node, { attributes, events, kind, status }: ReadableSpan, causes: Causes): void => {
  const recorded = events.filter((event) => event.name === 'exception').slice(0, mostEvents)
  const [first] = recorded
  if (!first) {
    const passedOn = node.fault && status.message ? causes.get(status.message) : undefined
    if (passedOn) node.cause = passedOn
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

/** The SDK's own parser takes `file` for the path of `file:///…`. */
const framesOf = (stack: string): object[] => {
  const original = Object.assign(new Error(), { stack })
  const lines = (cleanError(original).stack ?? '').split('\n').slice(1)
  return lines.flatMap((line) => {
    const match = /^\s*at (?:(.*) \()?(.+?):(\d+):\d+\)?$/.exec(line)
    return match ? [{ path: match[2], line: Number(match[3]), label: match[1] || 'anonymous' }] : []
  })
}

// What is put aside first is what is searched for last.
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
  // What a subsegment says only when it leaves alone: its type, its trace, its parent.
  return bytes + 120
}

const cleanName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N}\p{Zs}_.:/%&#=+\-@]/gu, '_')
    .trim()
    .slice(0, longest.name) || 'unnamed'

const seconds = ([whole, nanos]: HrTime): number => whole + nanos / 1e9

const text = (attributes: Attributes, ...keys: string[]): string | undefined => {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

const number = (attributes: Attributes, ...keys: string[]): number | undefined => {
  for (const key of keys) {
    const value = attributes[key]
    if (typeof value === 'number') return value
  }
  return undefined
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
