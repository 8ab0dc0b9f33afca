import { coveredMs, requestTimes, splitAction } from '@cruddur/wire/times'
import { answererOf, type Call, callsOf } from './clock.ts'
import type { Item } from './item.ts'
import { isBad, type LogLine } from './log-line.ts'
import { type Segment, segmentRows } from './segment.ts'
import type { Span, TraceSummary } from './span.ts'

const withoutSql = /redis|memcached|mongodb|dynamodb|elasticsearch|opensearch|couchdb|neo4j/

export const isSql = ({ attributes }: Span): boolean =>
  ('db.query.text' in attributes || 'db.statement' in attributes) &&
  !withoutSql.test(String(attributes['db.system.name'] ?? attributes['db.system']))

/** Every SDK names its language, and the language of browsers is `webjs`. */
export const isOfPage = ({ resource }: Span): boolean => resource['telemetry.sdk.language'] === 'webjs'

type Others = {
  segments?: readonly Segment[]
  items?: readonly Item[]
  logs?: readonly LogLine[]
  firstSeenMs?: number
}

export const summarize = (traceId: string, spans: readonly Span[], others: Others = {}): TraceSummary => {
  const { segments = [], items = [], logs = [], firstSeenMs = 0 } = others
  const ids = new Set(spans.map((span) => span.spanId))
  const roots = spans.filter((span) => span.parentSpanId === null)
  const orphans = spans.filter((span) => span.parentSpanId !== null && !ids.has(span.parentSpanId))
  const first = earliest(roots) ?? earliest(orphans) ?? earliest(spans)
  const calls = callsOf(spans)
  const requests = requestsOf(spans, calls)
  const firstCall = calls.toSorted((a, b) => a.client.startMs - b.client.startMs)[0]
  const firstServer = earliest(spans.filter(({ kind }) => kind === 'server'))
  const durationMs = roots.length === 1 ? (roots[0] as Span).durationMs : extentOf(spans)
  const times = first && requests.length > 0 ? splitAction(durationMs, startingAt(first, requests)) : null
  const sql = spans.filter(isSql)
  return {
    traceId,
    ...(first
      ? {
          rootName: first.name,
          rootService: first.service,
          services: servicesOf(spans, first.service),
          startMs: first.startMs,
          durationMs,
        }
      : withoutSpans(segments, items, logs)),
    pages: [...new Set(spans.filter(isOfPage).map((span) => span.service))],
    spanCount: spans.length,
    errorCount: spans.filter((span) => span.status.code === 'error').length,
    segmentCount: segmentRows(segments).length,
    itemCount: items.length,
    logCount: logs.length,
    firstSeenMs,
    requestCount: requests.length,
    answeredBy: firstCall ? answererOf(firstCall, calls) : (firstServer?.service ?? null),
    pageMs: times && roots.length === 1 ? times.pageMs : null,
    networkMs: times?.networkMs ?? null,
    serverMs: times?.serverMs ?? firstServer?.durationMs ?? null,
    sqlMs: sql.length > 0 ? timeIn(sql) : null,
    sqlCount: sql.length,
    complete: roots.length === 1 && orphans.length === 0,
  }
}

/** Without spans, the name comes from a segment, an item or a log line. */
const withoutSpans = (segments: readonly Segment[], items: readonly Item[], logs: readonly LogLine[]) => {
  const [segment] = segments
  const [item] = items
  const line = logs.find(({ level }) => isBad(level)) ?? logs[0]
  const starts = [
    ...segments.map(({ start_time }) => start_time * 1000),
    ...[...items, ...logs].map(({ timeMs }) => timeMs),
  ]
  const services = [...segments.map(({ name }) => name), ...logs.map(({ fields }) => fields.service)]
  const service = services.find((name) => typeof name === 'string') ?? ''
  return {
    rootName: segment?.name ?? (item ? [item.class, item.message].filter(Boolean).join(': ') : (line?.message ?? '')),
    rootService: String(service),
    services: [...new Set(services.filter((name) => typeof name === 'string'))],
    startMs: starts.reduce((first, at) => Math.min(first, at), starts[0] ?? 0),
    durationMs: segment?.end_time === undefined ? 0 : Math.max(0, (segment.end_time - segment.start_time) * 1000),
  }
}

/** The service of the root comes first. */
const servicesOf = (spans: readonly Span[], first: string | undefined): string[] =>
  [...new Set(spans.map((span) => span.service))].sort(
    (a, b) => Number(b === first) - Number(a === first) || a.localeCompare(b),
  )

const earliest = (spans: readonly Span[]): Span | undefined =>
  spans.reduce<Span | undefined>((first, span) => (first && first.startMs <= span.startMs ? first : span), undefined)

const extentOf = (spans: readonly Span[]): number => {
  let start = Number.POSITIVE_INFINITY
  let end = Number.NEGATIVE_INFINITY
  for (const span of spans) {
    start = Math.min(start, span.startMs)
    end = Math.max(end, span.startMs + span.durationMs)
  }
  return Math.max(0, end - start)
}

const requestsOf = (spans: readonly Span[], calls: readonly Call[]) => {
  const servers = new Map(calls.map(({ client, server }) => [client.spanId, server]))
  return spans
    .filter((span) => span.kind === 'client')
    .flatMap((span) => {
      const times = requestTimes(span.attributes, span.durationMs, servers.get(span.spanId)?.durationMs)
      return times ? [{ ...times, startMs: span.startMs }] : []
    })
}

const startingAt = <Times extends { startMs: number }>(first: Span, requests: readonly Times[]): Times[] =>
  requests.map((request) => ({ ...request, startMs: request.startMs - first.startMs }))

/** Overlapping spans count once. */
const timeIn = (spans: readonly Span[]): number => {
  const startMs = Math.min(...spans.map((span) => span.startMs))
  return coveredMs(
    spans.map((span) => [span.startMs - startMs, span.startMs - startMs + span.durationMs]),
    Number.POSITIVE_INFINITY,
  )
}

/** Why the trace is incomplete, in sentences. */
export const missingOf = (spans: readonly Span[]): string[] => {
  const ids = new Set(spans.map((span) => span.spanId))
  const roots = spans.filter((span) => span.parentSpanId === null)
  const orphans = spans.filter((span) => span.parentSpanId !== null && !ids.has(span.parentSpanId))
  const sentences: string[] = []
  if (orphans.length > 0) {
    const parents = new Set(orphans.map((span) => span.parentSpanId))
    const names = orphans.slice(0, 3).map((span) => `“${span.name}” (${span.service})`)
    const more = orphans.length > names.length ? ` and ${orphans.length - names.length} more` : ''
    const subject = parents.size === 1 ? 'The parent' : `${parents.size} parents`
    const verb = parents.size === 1 ? 'has' : 'have'
    sentences.push(`${subject} of ${names.join(', ')}${more} ${verb} not arrived: not sent yet, or lost.`)
  }
  if (roots.length > 1) {
    sentences.push(`This trace has ${roots.length} roots: ${roots.map((span) => span.name).join(', ')}.`)
  }
  return sentences
}

/** Services send in batches, seconds apart: until then a missing parent is normal. */
const arrivingMs = 10_000

export const isArriving = ({ firstSeenMs }: TraceSummary, now: number): boolean => now - firstSeenMs < arrivingMs
