import type { PlainValue } from '@cruddur/shared/otlp'
import type { Item } from './item.ts'
import type { LogLine } from './log-line.ts'
import type { Segment } from './segment.ts'
import type { Vendor } from './vendor.ts'

/** What the API answers and the page shows: flat, in milliseconds, handy to read. */
export type Span = {
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  kind: SpanKind
  service: string
  /** Milliseconds since 1970 by the clock of the span's own side, to the microsecond. */
  startMs: number
  durationMs: number
  status: { code: 'unset' | 'ok' | 'error'; message: string }
  attributes: Attributes
  resource: Attributes
  scope: { name: string; version: string }
  events: SpanEvent[]
  links: SpanLink[]
}
type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'
export type Attributes = Record<string, PlainValue>
export type SpanEvent = { name: string; timeMs: number; attributes: Attributes }
/** A trace at the other end of a span link, and which of its spans it is; null: it is not here. */
export type Relation = { traceId: string; spanId: string; name: string | null }
type SpanLink = { traceId: string; spanId: string; attributes: Attributes }

export type TraceSummary = {
  traceId: string
  /** Of the root, or of what began first while the root is missing; of another signal while there is no span at all. */
  rootName: string
  rootService: string
  services: string[]
  startMs: number
  durationMs: number
  spanCount: number
  errorCount: number
  /** Segments and subsegments. */
  segmentCount: number
  itemCount: number
  logCount: number
  /** When the first of it arrived, by the observatory's clock. */
  firstSeenMs: number
  /** The page's requests. With them page, network and server are together the duration, as shared/src/times.ts has it. */
  requestCount: number
  pageMs: number | null
  networkMs: number | null
  serverMs: number | null
  sqlMs: number | null
  sqlCount: number
  /** One root, and every parent is there. */
  complete: boolean
}

/** What is wrong with a trace, in a sentence for people and a word for programs. */
export type Finding = { code: 'incomplete' | 'no-spans' | 'refused' | 'dropped'; words: string }

export type Trace = {
  traceId: string
  spans: Span[]
  segments: Segment[]
  items: Item[]
  logs: LogLine[]
  findings: Finding[]
  /** Server clock less browser clock, from the most exact request; 0 where they may agree, null without a request. */
  clockOffsetMs: number | null
  /** By how much that may be wrong, either way. */
  clockOffsetErrorMs: number | null
  summary: TraceSummary
  causedBy: Relation[]
  caused: Relation[]
  /** Spans of this trace that the window had no room for. */
  droppedSpans: number
  /** What the whole window holds, to tell a vendor that is silent from one that has nothing of this trace. */
  window: Counts
  turnedAway: Record<Vendor, number>
}

export type Signal = 'spans' | 'segments' | 'items' | 'logs'
export type Counts = Record<Signal, number>

export type Refusal = {
  atMs: number
  vendor: Vendor
  what: 'request' | 'span' | 'segment' | 'item' | 'log event'
  reason: string
  /** Of what was refused, as far as it could be read. */
  name: string
  traceId: string
}

export type Status = {
  window: Counts & { bytes: number; maxBytes: number; traces: number; untraced: number }
  dropped: Counts & { traces: number }
  refused: { requests: number; spans: number; segments: number; items: number; logs: number }
  refusals: Refusal[]
  /** What came while its vendor played broken. */
  turnedAway: Record<Vendor, number>
}

export type TraceList = { traces: TraceSummary[]; matching: number; services: string[]; status: Status } & Place

/** Where the application and the observatory's own X-Ray daemon are. */
export type Place = { appUrl: string; xrayAddress: string | null }

/** Under this name one finds what named no trace. */
export const untraced = 'untraced'
