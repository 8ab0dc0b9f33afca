import { callsOf } from './clock.ts'
import type { Item } from './item.ts'
import { isBad, type LogLine } from './log-line.ts'
import { type FetchSplit, splitFetch } from './network.ts'
import { type Segment, segmentRows } from './segment.ts'
import type { Span, TraceSummary } from './span.ts'

export const isSql = (span: Span): boolean => 'db.query.text' in span.attributes || 'db.statement' in span.attributes

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
  const requests = requestsOf(spans)
  const slowest = requests[0]
  const sql = (slowest ? below(slowest.span, spans) : spans).filter(isSql)
  return {
    traceId,
    ...(first
      ? {
          rootName: first.name,
          rootService: first.service,
          services: servicesOf(spans, first.service),
          startMs: first.startMs,
          durationMs: roots.length === 1 ? (roots[0] as Span).durationMs : extentOf(spans),
        }
      : withoutSpans(segments, items, logs)),
    spanCount: spans.length,
    errorCount: spans.filter((span) => span.status.code === 'error').length,
    segmentCount: segmentRows(segments).length,
    itemCount: items.length,
    logCount: logs.length,
    firstSeenMs,
    requestCount: requests.length,
    pageMs: slowest && roots.length === 1 ? pageTimeOf(roots[0] as Span, slowest.split) : null,
    networkMs: slowest?.split.networkMs ?? null,
    serverMs: slowest?.split.serverMs ?? earliest(spans.filter((span) => span.kind === 'server'))?.durationMs ?? null,
    sqlMs: sql.length > 0 ? sql.reduce((sum, span) => sum + span.durationMs, 0) : null,
    sqlCount: sql.length,
    complete: roots.length === 1 && orphans.length === 0,
  }
}

/** Named after what says most of it. */
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

/** Where it began comes first. */
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

/** A root that ended before its request did says nothing of the page. */
const pageTimeOf = (root: Span, request: FetchSplit): number | null => {
  const restMs = root.durationMs - request.networkMs - request.serverMs
  return restMs >= 0 ? restMs : null
}

/** The slowest first. */
const requestsOf = (spans: readonly Span[]) => {
  const servers = new Map(callsOf(spans).map(({ client, server }) => [client.spanId, server]))
  return spans
    .flatMap((span) => {
      const split = splitFetch(span, servers.get(span.spanId))
      return split ? [{ span, split }] : []
    })
    .sort((a, b) => b.split.totalMs - a.split.totalMs)
}

const below = (top: Span, spans: readonly Span[]): Span[] => {
  const children = Map.groupBy(spans, (span) => span.parentSpanId)
  const found = new Set<Span>()
  const open = [top]
  for (let span = open.pop(); span; span = open.pop()) {
    for (const child of children.get(span.spanId) ?? []) {
      if (found.has(child)) continue
      found.add(child)
      open.push(child)
    }
  }
  return [...found]
}

/** Why the trace cannot be whole, in sentences; none when it is. */
export const missingOf = (spans: readonly Span[]): string[] => {
  const ids = new Set(spans.map((span) => span.spanId))
  const roots = spans.filter((span) => span.parentSpanId === null)
  const orphans = spans.filter((span) => span.parentSpanId !== null && !ids.has(span.parentSpanId))
  const sentences: string[] = []
  if (orphans.length > 0) {
    const parents = new Set(orphans.map((span) => span.parentSpanId))
    const names = orphans.slice(0, 3).map((span) => `“${span.name}” (${span.service})`)
    const more = orphans.length > names.length ? ` and ${orphans.length - names.length} more` : ''
    const verb = parents.size === 1 ? 'span that is' : `${parents.size} spans that are`
    sentences.push(
      `The ${verb} the parent of ${names.join(', ')}${more} has not arrived: its side has not sent it yet, or lost it.`,
    )
  }
  if (roots.length > 1) {
    sentences.push(
      `${roots.length} spans say that they began this trace: ${roots.map((span) => span.name).join(', ')}.`,
    )
  }
  return sentences
}

/** Both sides send in batches, some seconds apart: until then a missing parent is no news. */
const arrivingMs = 10_000

export const isArriving = ({ firstSeenMs }: TraceSummary, now: number): boolean => now - firstSeenMs < arrivingMs
