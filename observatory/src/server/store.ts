import { callsOf, clockOffsets } from '../trace/clock.ts'
import type { Refusal, Span, Status, Trace, TraceList, TraceSummary } from '../trace/span.ts'
import { summarize } from '../trace/summary.ts'
import { matches, type TraceQuery } from './search.ts'

type Held = {
  spans: Map<string, Span>
  sizes: Map<string, number>
  bytes: number
  dropped: number
  summary: TraceSummary | null
}

const keptRefusals = 50
/** What an object costs beside its text. */
const overheadBytes = 800

/** Characters take up to two bytes; a resource shared by many spans is counted for each, so this never says too little. */
const sizeOf = (span: Span): number => overheadBytes + 2 * JSON.stringify(span).length

/** A window on the latest traces, as wide as its bytes allow: the oldest trace goes first, and what went is counted. */
export class TraceStore {
  readonly #maxBytes: number
  readonly #traces = new Map<string, Held>()
  #bytes = 0
  #spans = 0
  #dropped = { traces: 0, spans: 0 }
  #refused = { requests: 0, spans: 0 }
  #refusals: Refusal[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  add(span: Span): void {
    const held = this.#traces.get(span.traceId) ?? this.#begin(span.traceId)
    const size = sizeOf(span)
    const before = held.sizes.get(span.spanId) ?? 0
    // One trace without end must not push out all others.
    if (held.bytes - before + size > this.#maxBytes / 2) {
      held.dropped++
      this.#dropped.spans++
      return
    }
    if (before === 0) this.#spans++
    held.spans.set(span.spanId, span)
    held.sizes.set(span.spanId, size)
    held.bytes += size - before
    held.summary = null
    this.#bytes += size - before
    this.#evict(span.traceId)
  }

  refuse(refusal: Refusal): void {
    if (refusal.span) this.#refused.spans++
    else this.#refused.requests++
    this.#refusals = [refusal, ...this.#refusals].slice(0, keptRefusals)
  }

  clear(): void {
    this.#traces.clear()
    this.#bytes = 0
    this.#spans = 0
    this.#dropped = { traces: 0, spans: 0 }
    this.#refused = { requests: 0, spans: 0 }
    this.#refusals = []
  }

  trace(traceId: string): Trace | null {
    const held = this.#traces.get(traceId)
    if (!held) return null
    const spans = [...held.spans.values()].sort((a, b) => a.startMs - b.startMs)
    const clock = clockOffsets(callsOf(spans))[0]
    return {
      traceId,
      spans,
      segments: [],
      items: [],
      logs: [],
      findings: [],
      clockOffsetMs: clock?.offsetMs ?? null,
      clockOffsetErrorMs: clock?.errorMs ?? null,
      summary: this.#summary(traceId, held),
      droppedSpans: held.dropped,
    }
  }

  list(query: TraceQuery): Omit<TraceList, 'appUrl'> {
    const services = new Set<string>()
    const found: TraceSummary[] = []
    for (const [traceId, held] of this.#traces) {
      const summary = this.#summary(traceId, held)
      for (const service of summary.services) services.add(service)
      if (matches(query, summary, held.spans.values())) found.push(summary)
    }
    found.sort((a, b) => b.startMs - a.startMs)
    return {
      traces: found.slice(0, query.limit),
      matching: found.length,
      services: [...services].sort(),
      status: this.status(),
    }
  }

  status(): Status {
    return {
      window: { bytes: this.#bytes, maxBytes: this.#maxBytes, traces: this.#traces.size, spans: this.#spans },
      dropped: { ...this.#dropped },
      refused: { ...this.#refused },
      refusals: this.#refusals,
    }
  }

  #begin(traceId: string): Held {
    const held: Held = { spans: new Map(), sizes: new Map(), bytes: 0, dropped: 0, summary: null }
    this.#traces.set(traceId, held)
    return held
  }

  #evict(keep: string): void {
    for (const [traceId, held] of this.#traces) {
      if (this.#bytes <= this.#maxBytes) return
      if (traceId === keep) continue
      this.#traces.delete(traceId)
      this.#bytes -= held.bytes
      this.#spans -= held.spans.size
      this.#dropped.traces++
      this.#dropped.spans += held.spans.size
    }
  }

  #summary(traceId: string, held: Held): TraceSummary {
    held.summary ??= summarize(traceId, [...held.spans.values()])
    return held.summary
  }
}
