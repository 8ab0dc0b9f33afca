import { TraceFlags } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { groupBy } from '../node-20.ts'
import { outsideTraces } from '../outside-traces.ts'
import type { Signal } from './signal.ts'

/** The ended spans of one request or one action. Without a root each span becomes a separate document. */
export type EndedSpans = { readonly root?: ReadableSpan; readonly spans: readonly ReadableSpan[] }

type Options = {
  readonly signal: Signal
  /** How many spans may wait for the end of their request. */
  readonly mostSpans: number
  /** How long they wait for it. */
  readonly orphanAgeMs: number
  readonly onSegment: (ended: EndedSpans) => void
}

const sweepMs = 5_000

/** Spans end before their request does: here they wait for it, and then become one segment with it. */
export class SegmentCollector implements SpanProcessor {
  readonly #options: Options
  readonly #waiting = new Map<string, { readonly since: number; readonly spans: ReadableSpan[] }>()
  readonly #sweeper: NodeJS.Timeout
  #held = 0

  constructor(options: Options) {
    this.#options = options
    options.signal.addQueue(() => this.#held)
    const everyMs = Math.min(sweepMs, options.orphanAgeMs)
    this.#sweeper = outsideTraces(() => setInterval(() => this.#sweep(), everyMs).unref())
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId, traceFlags } = span.spanContext()
    if (!(traceFlags & TraceFlags.SAMPLED)) return
    const { signal, mostSpans, onSegment } = this.#options
    signal.created()
    if (isLocalRoot(span)) onSegment({ root: span, spans: this.#takeBelow(span) })
    else if (this.#held >= mostSpans) onSegment({ spans: [span] })
    else {
      const entry = this.#waiting.get(traceId) ?? { since: performance.now(), spans: [] }
      entry.spans.push(span)
      this.#waiting.set(traceId, entry)
      this.#held++
    }
  }

  /** Sends the spans that still wait, without their root. */
  async forceFlush(): Promise<void> {
    for (const traceId of this.#waiting.keys()) this.#releaseOrphans(traceId)
  }

  async shutdown(): Promise<void> {
    clearInterval(this.#sweeper)
    await this.forceFlush()
  }

  // Two requests can share a trace: each takes only the spans below it.
  #takeBelow(root: ReadableSpan): ReadableSpan[] {
    const { traceId } = root.spanContext()
    const entry = this.#waiting.get(traceId)
    if (!entry) return []
    const taken = spansBelow(root, entry.spans)
    const left = entry.spans.filter((span) => !taken.has(span))
    if (left.length === 0) this.#waiting.delete(traceId)
    else this.#waiting.set(traceId, { since: entry.since, spans: left })
    this.#held -= taken.size
    return [...taken]
  }

  #sweep(): void {
    const oldest = performance.now() - this.#options.orphanAgeMs
    for (const [traceId, { since }] of this.#waiting) if (since <= oldest) this.#releaseOrphans(traceId)
  }

  #releaseOrphans(traceId: string): void {
    const { spans = [] } = this.#waiting.get(traceId) ?? {}
    this.#waiting.delete(traceId)
    this.#held -= spans.length
    this.#options.onSegment({ spans })
  }
}

const isLocalRoot = ({ parentSpanContext }: ReadableSpan): boolean =>
  parentSpanContext === undefined || parentSpanContext.isRemote === true

/** Every span below the root at any depth, in whatever order they ended. A span may even name itself as its parent. */
const spansBelow = (root: ReadableSpan, spans: readonly ReadableSpan[]): Set<ReadableSpan> => {
  const children = groupBy(spans, ({ parentSpanContext }) => parentSpanContext?.spanId)
  const below = new Set<ReadableSpan>()
  const add = (parent: ReadableSpan) => {
    for (const child of children.get(parent.spanContext().spanId) ?? []) below.add(child)
  }
  add(root)
  // The loop also visits spans that it adds to the set.
  for (const span of below) add(span)
  return below
}
