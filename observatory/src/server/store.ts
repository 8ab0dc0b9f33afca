import { callsOf, clockOffsets } from '../trace/clock.ts'
import type { Item } from '../trace/item.ts'
import type { LogLine } from '../trace/log-line.ts'
import { fromXrayTraceId, mergeSegments, type Segment } from '../trace/segment.ts'
import {
  type Counts,
  type Finding,
  type Place,
  type Refusal,
  type Relation,
  type Signal,
  type Span,
  type Status,
  type Trace,
  type TraceList,
  type TraceSummary,
  untraced,
} from '../trace/span.ts'
import { missingOf, summarize } from '../trace/summary.ts'
import { type Vendor, vendorName } from '../trace/vendor.ts'
import { matches, type TraceQuery } from './search.ts'

type Records = { spans: Span; segments: Segment; items: Item; logs: LogLine }

type RecordMaps = { [Kind in Signal]: Map<string, Records[Kind]> }

type StoredTrace = {
  records: RecordMaps
  /** By signal and id, the oldest first. */
  sizes: Map<string, { signal: Signal; id: string; bytes: number }>
  bytes: number
  dropped: Counts
  firstSeenMs: number
  summary: TraceSummary | null
}

const signals: readonly Signal[] = ['spans', 'segments', 'items', 'logs']
const zeroCounts = (): Counts => ({ spans: 0, segments: 0, items: 0, logs: 0 })
const zeroRefusals = () => ({ requests: 0, spans: 0, segments: 0, items: 0, logs: 0 })
const zeroVendors = (): Record<Vendor, number> => ({ honeycomb: 0, xray: 0, rollbar: 0, cloudwatch: 0 })

const plural = {
  request: 'requests',
  span: 'spans',
  segment: 'segments',
  item: 'items',
  'log event': 'logs',
} as const

const maxRefusals = 50
const maxMetrics = 1_000
/** The memory that an object takes in addition to its text. */
const overheadBytes = 800

/** An upper limit: characters take up to two bytes, and a resource that spans share counts for each of them. */
const sizeOf = (record: Records[Signal]): number => overheadBytes + 2 * JSON.stringify(record).length

/** The latest traces, as many as fit into `maxBytes`. The oldest trace goes first and is counted as dropped. */
export class TraceStore {
  readonly #maxBytes: number
  readonly #traces = new Map<string, StoredTrace>()
  #bytes = 0
  #counts = zeroCounts()
  #dropped = { traces: 0, ...zeroCounts() }
  #refused = zeroRefusals()
  #refusals: Refusal[] = []
  #turnedAway = zeroVendors()
  readonly #metrics = new Set<string>()

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  addSpan(span: Span): void {
    this.#add('spans', span.traceId, span.spanId, span)
  }

  /** A complete document replaces one that was sent while it was in progress. */
  addSegment(segment: Segment): void {
    this.#add('segments', fromXrayTraceId(segment.trace_id ?? ''), segment.id, segment)
  }

  addItem(item: Item): void {
    this.#add('items', item.traceId ?? untraced, item.uuid, item)
  }

  addLog(line: LogLine): void {
    this.#add('logs', line.traceId ?? untraced, line.id, line)
  }

  /** Metrics are not kept, only that they arrive. Returns whether this one is new. */
  addMetric(given: string): boolean {
    const name = given.slice(0, 200)
    if (this.#metrics.has(name) || this.#metrics.size >= maxMetrics) return false
    this.#metrics.add(name)
    return true
  }

  refuse(refusal: Refusal): void {
    this.#refused[plural[refusal.what]]++
    this.#refusals = [
      { ...refusal, name: refusal.name.slice(0, 200), traceId: refusal.traceId.slice(0, 64) },
      ...this.#refusals,
    ].slice(0, maxRefusals)
  }

  turnAway(vendor: Vendor): void {
    this.#turnedAway[vendor]++
  }

  clear(): void {
    this.#traces.clear()
    this.#bytes = 0
    this.#counts = zeroCounts()
    this.#dropped = { traces: 0, ...zeroCounts() }
    this.#refused = zeroRefusals()
    this.#refusals = []
    this.#turnedAway = zeroVendors()
    this.#metrics.clear()
  }

  trace(traceId: string): Trace | null {
    const held = this.#traces.get(traceId)
    if (!held) return null
    const spans = [...held.records.spans.values()].sort((a, b) => a.startMs - b.startMs)
    const clock = clockOffsets(callsOf(spans))[0]
    return {
      traceId,
      spans,
      segments: mergeSegments([...held.records.segments.values()]),
      items: [...held.records.items.values()].sort((a, b) => a.timeMs - b.timeMs),
      logs: [...held.records.logs.values()].sort((a, b) => a.timeMs - b.timeMs),
      findings: traceId === untraced ? [] : this.#findings(traceId, spans, held),
      clockOffsetMs: clock?.offsetMs ?? null,
      clockOffsetErrorMs: clock?.errorMs ?? null,
      summary: this.#summary(traceId, held),
      causedBy: this.#relations(spans.flatMap(({ links }) => links)),
      caused: this.#relations(this.#linkingTo(traceId)),
      droppedSpans: held.dropped.spans,
      window: { ...this.#counts },
      turnedAway: { ...this.#turnedAway },
    }
  }

  list(query: TraceQuery): Omit<TraceList, keyof Place> {
    const services = new Set<string>()
    const found: TraceSummary[] = []
    for (const [traceId, held] of this.#traces) {
      if (traceId === untraced) continue
      const summary = this.#summary(traceId, held)
      for (const service of summary.services) services.add(service)
      if (matches(query, summary, held.records)) found.push(summary)
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
    const withoutTrace = this.#traces.get(untraced)
    return {
      window: {
        bytes: this.#bytes,
        maxBytes: this.#maxBytes,
        traces: this.#traces.size - (withoutTrace ? 1 : 0),
        ...this.#counts,
        untraced: withoutTrace ? withoutTrace.records.items.size + withoutTrace.records.logs.size : 0,
      },
      dropped: { ...this.#dropped },
      refused: { ...this.#refused },
      refusals: this.#refusals,
      turnedAway: { ...this.#turnedAway },
      metrics: this.#metrics.size,
    }
  }

  #add<Kind extends Signal>(signal: Kind, traceId: string, id: string, record: Records[Kind]): void {
    const held = this.#traces.get(traceId) ?? this.#begin(traceId)
    const key = `${signal} ${id}`
    const bytes = sizeOf(record)
    const before = held.sizes.get(key)?.bytes ?? 0
    if (traceId === untraced) this.#makeRoom(held, bytes - before)
    // An endless trace must not push out all others.
    else if (held.bytes - before + bytes > this.#maxBytes / 2) {
      held.dropped[signal]++
      this.#dropped[signal]++
      return
    }
    const records = held.records[signal]
    if (!records.has(id)) this.#counts[signal]++
    records.set(id, record)
    held.sizes.set(key, { signal, id, bytes })
    held.bytes += bytes - before
    held.summary = null
    this.#bytes += bytes - before
    this.#evict(traceId)
  }

  #begin(traceId: string): StoredTrace {
    const held: StoredTrace = {
      records: { spans: new Map(), segments: new Map(), items: new Map(), logs: new Map() },
      sizes: new Map(),
      bytes: 0,
      dropped: zeroCounts(),
      firstSeenMs: Date.now(),
      summary: null,
    }
    this.#traces.set(traceId, held)
    return held
  }

  /** Records without a trace are dropped one by one, the oldest first. */
  #makeRoom(held: StoredTrace, bytes: number): void {
    for (const [key, oldest] of held.sizes) {
      if (held.bytes + bytes <= this.#maxBytes / 16) return
      held.sizes.delete(key)
      held.records[oldest.signal].delete(oldest.id)
      held.bytes -= oldest.bytes
      this.#bytes -= oldest.bytes
      this.#counts[oldest.signal]--
      this.#dropped[oldest.signal]++
    }
  }

  #evict(keep: string): void {
    for (const [traceId, held] of this.#traces) {
      if (this.#bytes <= this.#maxBytes) return
      if (traceId === keep || traceId === untraced) continue
      this.#traces.delete(traceId)
      this.#bytes -= held.bytes
      this.#dropped.traces++
      for (const signal of signals) {
        this.#counts[signal] -= held.records[signal].size
        this.#dropped[signal] += held.records[signal].size
      }
    }
  }

  #summary(traceId: string, held: StoredTrace): TraceSummary {
    held.summary ??= summarize(traceId, [...held.records.spans.values()], {
      segments: mergeSegments([...held.records.segments.values()]),
      items: [...held.records.items.values()],
      logs: [...held.records.logs.values()],
      firstSeenMs: held.firstSeenMs,
    })
    return held.summary
  }

  #linkingTo(traceId: string): Span[] {
    return [...this.#traces.values()].flatMap(({ records }) =>
      [...records.spans.values()].filter(({ links }) => links.some((link) => link.traceId === traceId)),
    )
  }

  /** One relation for each trace, with the name of its root. */
  #relations(ends: readonly { traceId: string; spanId: string }[]): Relation[] {
    const byTrace = new Map(ends.map(({ traceId, spanId }) => [traceId, spanId]))
    return [...byTrace].map(([traceId, spanId]) => {
      const held = this.#traces.get(traceId)
      return { traceId, spanId, name: held ? this.#summary(traceId, held).rootName : null }
    })
  }

  #findings(traceId: string, spans: readonly Span[], held: StoredTrace): Finding[] {
    const findings: Finding[] = missingOf(spans).map((words) => ({ code: 'incomplete', words }))
    if (spans.length === 0) {
      findings.push({
        code: 'no-spans',
        words: 'No span of this trace has arrived. Other vendors have received parts of it.',
      })
    }
    for (const { what, vendor, name, reason, traceId: theirs } of this.#refusals) {
      if (theirs !== traceId) continue
      findings.push({
        code: 'refused',
        words: `${vendorName[vendor]} refused the ${what}${name && ` “${name}”`}: ${reason}.`,
      })
    }
    const dropped = signals.reduce((sum, signal) => sum + held.dropped[signal], 0)
    if (dropped > 0)
      findings.push({ code: 'dropped', words: `${dropped} parts were dropped because the trace is too large.` })
    return findings
  }
}
