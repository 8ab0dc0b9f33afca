import type { Kind } from './arms.ts'

/** What reached a sink, as it was sent. */
export type Received = { readonly path: string; readonly bytes: number; readonly body: string }

/** One thing that arrived: what it is, its trace, and the vendor's own ids that join it to others. */
export type Signal = {
  readonly kind: Kind
  readonly traceId: string | null
  readonly ownIds: readonly string[]
  readonly url: string
  readonly from: 'tracing' | 'Rollbar'
}

// biome-ignore lint/suspicious/noExplicitAny: Nine vendors' formats, of which a few fields are read.
type Json = Record<string, any>

const signal = (kind: Kind, traceId: unknown, url: unknown = '', ownIds: readonly string[] = []): Signal => ({
  kind,
  traceId: typeof traceId === 'string' && traceId !== '' ? traceId : null,
  ownIds,
  url: String(url),
  from: 'tracing',
})

/** The page's own requests, and not those of a vendor's item API. */
const isRequest = (url: unknown): url is string => typeof url === 'string' && /\/api\/(?!\d)/.test(url)

const attributesOf = ({ attributes = [] }: Json): Json =>
  Object.fromEntries(attributes.map(({ key, value }: Json) => [key, Object.values(value ?? {})[0]]))

type Span = {
  readonly name?: string
  readonly traceId?: string
  readonly attributes: Json
  readonly events?: readonly { readonly name: string }[]
}

/** A span with plain attributes. */
export const ofSpan = ({ name = '', traceId, attributes, events = [] }: Span): Signal[] => {
  const url = attributes['url.full'] ?? attributes['http.url']
  if (name === 'exception' || events.some((event) => event.name === 'exception')) return [signal('error', traceId)]
  if (/^(documentLoad|load)\b/.test(name)) return [signal('load', traceId)]
  if (/^click\b/.test(name)) return [signal('click', traceId)]
  return isRequest(url) ? [signal('request', traceId, url)] : []
}

const ofOtlpSpans = ({ resourceSpans = [] }: Json): Signal[] =>
  resourceSpans
    .flatMap(({ scopeSpans }: Json) => scopeSpans)
    .flatMap(({ spans }: Json) => spans)
    .flatMap((span: Json) => ofSpan({ ...span, attributes: attributesOf(span) }))

const kindOfEvent: Record<string, Kind> = {
  'browser.navigation': 'load',
  'browser.page_view': 'load',
  'browser.user_action.click': 'click',
  'browser.error': 'error',
  exception: 'error',
}

const ofOtlpLogs = ({ resourceLogs = [] }: Json): Signal[] =>
  resourceLogs
    .flatMap(({ scopeLogs }: Json) => scopeLogs)
    .flatMap(({ logRecords }: Json) => logRecords)
    .flatMap((record: Json) => {
      const kind = kindOfEvent[record.eventName ?? attributesOf(record)['event.name']]
      return kind ? signal(kind, record.traceId) : []
    })

const ofSentry = ({ items = [], exception, contexts }: Json): Signal[] => {
  if (exception) return [signal('error', contexts?.trace?.trace_id)]
  return items.flatMap(({ trace_id, attributes = {} }: Json) => {
    const [op = '', url] = [attributes['sentry.op']?.value, attributes['url.full']?.value]
    if (op === 'pageload') return signal('load', trace_id)
    if (op.startsWith('ui.interaction')) return signal('click', trace_id)
    return op === 'http.client' && isRequest(url) ? signal('request', trace_id, url) : []
  })
}

const ofFaro = ({ traces = {}, events = [], exceptions = [] }: Json): Signal[] => [
  ...ofOtlpSpans(traces),
  ...events
    .filter(({ name }: Json) => name === 'faro.performance.navigation')
    .map(({ trace }: Json) => signal('load', trace?.trace_id)),
  ...events
    .filter(({ name }: Json) => name === 'faro.user.action')
    .map(({ trace }: Json) => signal('click', trace?.trace_id)),
  ...exceptions.map(({ trace }: Json) => signal('error', trace?.trace_id)),
]

const ofDatadog = ({ type, resource, action, _dd }: Json): Signal[] => {
  const ids = [action?.id ?? []].flat()
  if (type === 'view') return [signal('load', null)]
  if (type === 'action') return [signal('click', null, '', ids)]
  if (type === 'error') return [signal('error', null, '', ids)]
  if (type !== 'resource' || !isRequest(resource?.url)) return []
  const traceId = _dd.trace_id && BigInt(_dd.trace_id).toString(16).padStart(32, '0')
  return [signal('request', traceId, resource.url, ids)]
}

const ofElastic = ({ transaction, span, error }: Json): Signal[] => {
  if (error) return [signal('error', error.trace_id)]
  if (transaction?.type === 'page-load') return [signal('load', transaction.trace_id)]
  if (transaction?.type === 'user-interaction') return [signal('click', transaction.trace_id)]
  const url = span?.context?.http?.url
  return span?.type === 'external' && isRequest(url) ? [signal('request', span.trace_id, url)] : []
}

const ofRollbar = ({ data }: Json): Signal[] => [{ ...signal('error', data?.custom?.trace_id), from: 'Rollbar' }]

const readers: readonly (readonly [path: RegExp, read: (message: Json) => Signal[]])[] = [
  [/\/v1\/traces/, ofOtlpSpans],
  [/\/v1\/logs/, ofOtlpLogs],
  [/\/envelope\//, ofSentry],
  [/\/collect/, ofFaro],
  [/\/datadog/, ofDatadog],
  [/\/intake\/v2\/rum\/events/, ofElastic],
  [/\/api\/1\/item/, ofRollbar],
]

/** What the sink got, in any vendor's format. All of them are JSON, in one piece or one object a line. */
export const signalsIn = (received: readonly Received[]): Signal[] =>
  received.flatMap(({ path, body }) => {
    const read = readers.find(([pattern]) => pattern.test(path))?.[1]
    return body
      .split('\n')
      .filter((line) => read && line.startsWith('{'))
      .flatMap((line) => read?.(JSON.parse(line)) ?? [])
  })

/** Where the senders put the trace id, each with the part of its value that is the id. */
const carriers: readonly (readonly [header: string, idIn: RegExp])[] = [
  ['traceparent', /^00-([0-9a-f]{32})-/],
  ['elastic-apm-traceparent', /^00-([0-9a-f]{32})-/],
  ['sentry-trace', /^([0-9a-f]{32})-/],
  ['x-datadog-trace-id', /^(\d+)$/],
]

export const traceIn = (headers: Readonly<Record<string, string>>): { header: string; traceId: string } | null => {
  for (const [header, idIn] of carriers) {
    const [, traceId] = idIn.exec(headers[header] ?? '') ?? []
    if (traceId) return { header, traceId }
  }
  return null
}
