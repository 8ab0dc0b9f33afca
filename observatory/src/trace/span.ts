import type { PlainValue } from '@cruddur/wire/otlp'
import type { Item } from './item.ts'
import type { LogLine } from './log-line.ts'
import type { Segment } from './segment.ts'
import type { Vendor } from './vendor.ts'

/** A span as the API answers it and the page shows it: flat, in milliseconds. */
export type Span = {
  traceId: string
  spanId: string
  parentSpanId: string | null
  name: string
  kind: SpanKind
  service: string
  /** Milliseconds since 1970, by the clock of the span's own service. */
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
/** The span at the other end of a link. `name` is the name of its trace, or null if that trace is not here. */
export type Relation = { traceId: string; spanId: string; name: string | null }
type SpanLink = { traceId: string; spanId: string; attributes: Attributes }

export type TraceSummary = {
  traceId: string
  /** The name of the root, or of the first span while the root is missing, or of another signal while there are no spans. */
  rootName: string
  rootService: string
  services: string[]
  /** The services whose spans come from a browser. */
  pages: string[]
  startMs: number
  durationMs: number
  spanCount: number
  errorCount: number
  /** Segments and subsegments together. */
  segmentCount: number
  itemCount: number
  logCount: number
  /** When its first part arrived, by the observatory's clock. */
  firstSeenMs: number
  /** Calls of another service. Page, network and server add up to the duration, as packages/wire/src/times.ts defines them. */
  requestCount: number
  /** The service that answered the first of them, or that the trace began in. */
  answeredBy: string | null
  /** The time in the service of the root, whether that is a page or not. */
  pageMs: number | null
  networkMs: number | null
  serverMs: number | null
  sqlMs: number | null
  sqlCount: number
  /** It has one root, and no parent is missing. */
  complete: boolean
}

/** A problem of a trace, as a sentence for people and a code for programs. */
export type Finding = { code: 'incomplete' | 'no-spans' | 'refused' | 'dropped'; words: string }

export type Trace = {
  traceId: string
  spans: Span[]
  segments: Segment[]
  items: Item[]
  logs: LogLine[]
  findings: Finding[]
  /** Server clock minus browser clock, from the most certain request: 0 when they agree, null without a request. */
  clockOffsetMs: number | null
  /** The possible error of `clockOffsetMs`, in both directions. */
  clockOffsetErrorMs: number | null
  summary: TraceSummary
  causedBy: Relation[]
  caused: Relation[]
  /** Spans of this trace that the window had no room for. */
  droppedSpans: number
  /** Counts for all traces, to tell a vendor that got nothing at all from one that got nothing of this trace. */
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
  /** The name of the refused record, if it could be read. */
  name: string
  traceId: string
}

export type Status = {
  window: Counts & { bytes: number; maxBytes: number; traces: number; untraced: number }
  dropped: Counts & { traces: number }
  refused: { requests: number; spans: number; segments: number; items: number; logs: number }
  refusals: Refusal[]
  /** Requests that arrived while the vendor was set to fail. */
  turnedAway: Record<Vendor, number>
  /** How many metrics arrive. They are not kept. */
  metrics: number
}

export type TraceList = { traces: TraceSummary[]; matching: number; services: string[]; status: Status } & Place

/** The address of the observatory's X-Ray daemon. */
export type Place = { xrayAddress: string | null }

/** The id under which errors and log lines without a trace are found. */
export const untraced = 'untraced'
