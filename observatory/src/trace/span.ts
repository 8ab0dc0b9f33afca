import type { PlainValue } from '@cruddur/shared/otlp'

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
export type SpanKind = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer'
export type Attributes = Record<string, PlainValue>
type SpanEvent = { name: string; timeMs: number; attributes: Attributes }
type SpanLink = { traceId: string; spanId: string; attributes: Attributes }

export type TraceSummary = {
  traceId: string
  /** Of the root, or of what began first while the root is missing. */
  rootName: string
  rootService: string
  services: string[]
  startMs: number
  durationMs: number
  spanCount: number
  errorCount: number
  /** The requests of the page; these figures are of the slowest of them, or of all spans where there is none. */
  requestCount: number
  networkMs: number | null
  serverMs: number | null
  sqlMs: number | null
  sqlCount: number
  /** One root, and every parent is there. */
  complete: boolean
}

export type Trace = {
  traceId: string
  spans: Span[]
  segments: unknown[]
  items: unknown[]
  logs: unknown[]
  findings: unknown[]
  /** Server clock less browser clock, from the most exact pair of fetch and server span; null without one. */
  clockOffsetMs: number | null
  clockOffsetErrorMs: number | null
  summary: TraceSummary
  /** Spans of this trace that the window had no room for. */
  droppedSpans: number
}

export type Refusal = {
  atMs: number
  reason: string
  span: { traceId: string; spanId: string; name: string; service: string } | null
}

export type Status = {
  window: { bytes: number; maxBytes: number; traces: number; spans: number }
  dropped: { traces: number; spans: number }
  refused: { requests: number; spans: number }
  refusals: Refusal[]
}

export type TraceList = { traces: TraceSummary[]; matching: number; services: string[]; status: Status; appUrl: string }
