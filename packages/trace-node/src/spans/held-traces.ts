import { setTimeout as delay } from 'node:timers/promises'
import { samplingAttr, slowMs } from '@cruddur/wire/names'
import { createTraceState, type Span, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { hrTimeToMilliseconds } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { Budget, type Limits } from '../budget.ts'
import { groupBy } from '../node-20.ts'
import { outsideTraces } from '../outside-traces.ts'
import { RecentMap } from '../recent-map.ts'
import { bytesOfSpan } from '../vendors/otlp.ts'
import type { Signal } from '../vendors/signal.ts'
import { noTraces } from '../vendors.ts'
import type { Odds } from './sampler.ts'
import { onSpanEnd } from './span-processors.ts'

export type Half = 'server' | 'browser'
type Output = { readonly signal: Signal; readonly processors: readonly SpanProcessor[] }
type Outputs = Readonly<Record<Half, Output>>

export type Answer = { readonly address: string; readonly status: number; readonly durationMs: number }

/** Stands before the exporters and decides once about both halves of a trace. */
export type TraceKeeper = {
  readonly server: SpanProcessor
  readonly acceptBrowserSpans: (spans: readonly ReadableSpan[], address: string) => void
  /** Whether the answer to this request tells the page that its trace is kept. */
  readonly isKept: (request: Span, answer: Answer) => boolean
  /** Decides about every held trace, and hands the spans over no faster than the exporters send them. */
  readonly close: (deadlineMs: number) => Promise<void>
}

export type HoldLimits = {
  readonly ms: number
  readonly traces: number
  readonly bytes: number
  /** The limit for each half of a trace. */
  readonly spansOfTrace: number
  readonly settledTraces: number
  readonly faults: Limits
}

/** An action of the page lasts ten seconds at most, and its spans take a few more to arrive. */
const defaultLimits: HoldLimits = {
  ms: 20_000,
  traces: 10_000,
  bytes: 32 * 1024 * 1024,
  spansOfTrace: 512,
  settledTraces: 20_000,
  faults: { each: { burst: 1_000, perSecond: 5 }, everybody: { burst: 10_000, perSecond: 100 } },
}
const sweepMs = 500
/** Less than an exporter's queue holds. */
const spansAtOnce = 1_000

export const keepTraces = (odds: Odds, outputs: Outputs, limits?: Partial<HoldLimits>): TraceKeeper => {
  if (odds.ratio === 1) return keepAll(outputs)
  return odds.ratio === null ? noTraces : new HeldTraces(odds.ratio, odds, outputs, { ...defaultLimits, ...limits })
}

type Held = Record<Half, ReadableSpan[]> & { readonly since: number; bytes: number }
/** How many traces each span counts for (0: not kept), and how many spans were passed on. */
type Settled = { readonly weight: number } & Record<Half, number>

class HeldTraces implements TraceKeeper {
  readonly server = onSpanEnd((span) => this.#endServerSpan(span))
  readonly #ratio: number
  readonly #odds: Odds
  readonly #outputs: Outputs
  readonly #limits: HoldLimits
  /** The oldest first. */
  readonly #held = new Map<string, Held>()
  readonly #settled: RecentMap<string, Settled>
  readonly #answered = new WeakSet<object>()
  readonly #faults: Budget
  /**
   * By chance an address may get twice the ratio. An address with more must be repeating a trace id that it knows is
   * kept.
   */
  readonly #shares = new Budget({ each: { burst: 100, perSecond: 0 } })
  readonly #sweeper: NodeJS.Timeout
  #bytes = 0
  #closed = false

  constructor(ratio: number, odds: Odds, outputs: Outputs, limits: HoldLimits) {
    this.#ratio = ratio
    this.#odds = odds
    this.#outputs = outputs
    this.#limits = limits
    this.#settled = new RecentMap(limits.settledTraces)
    this.#faults = new Budget(limits.faults)
    this.#sweeper = outsideTraces(() => setInterval(() => this.#sweep(), Math.min(sweepMs, limits.ms)).unref())
  }

  isKept(request: Span, { address, status, durationMs }: Answer): boolean {
    this.#answered.add(request)
    const { traceId } = request.spanContext()
    const isFault = status >= 500 || durationMs >= slowMs
    return (isFault && this.#keepFault(traceId, address)) || this.#isWithinShare(traceId, address)
  }

  acceptBrowserSpans(spans: readonly ReadableSpan[], address: string): void {
    for (const [traceId, own] of groupBy(spans, traceIdOf)) {
      if (own.some(isFaultOfPage)) this.#keepFault(traceId, address)
      // If the server knows the trace, its answers have counted it.
      if (!this.#held.has(traceId) && !this.#settled.has(traceId)) this.#isWithinShare(traceId, address)
      for (const span of own) this.#take('browser', span)
    }
  }

  async close(deadlineMs: number): Promise<void> {
    clearInterval(this.#sweeper)
    this.#closed = true
    const endsAt = performance.now() + deadlineMs / 2
    let released = 0
    for (const [traceId, { server, browser }] of this.#held) {
      this.#settleByOdds(traceId)
      released += server.length + browser.length
      const leftMs = endsAt - performance.now()
      if (released < spansAtOnce || leftMs <= 0) continue
      released = 0
      await Promise.race([this.#flush(), delay(leftMs, undefined, { ref: false })])
    }
  }

  async #flush(): Promise<void> {
    const processors = [...this.#outputs.server.processors, ...this.#outputs.browser.processors]
    await Promise.all(processors.map((processor) => processor.forceFlush()))
  }

  #endServerSpan(span: ReadableSpan): void {
    this.#take('server', span)
    // An answer has already told the page, so the decision stays.
    if (isFaultOfServer(span) && !this.#answered.has(span)) this.#keepFault(traceIdOf(span), '')
  }

  /** Whether the trace is kept for its fault, regardless of the odds. */
  #keepFault(traceId: string, address: string): boolean {
    const settled = this.#settled.get(traceId)
    if (settled) return settled.weight === 1
    if (this.#faults.spend(address) > 0) return false
    this.#settle(traceId, 1)
    return true
  }

  #isWithinShare(traceId: string, address: string): boolean {
    const settled = this.#settled.get(traceId)
    if (settled?.weight === 1) return true
    this.#shares.earn(address, 2 * this.#ratio)
    const isKept = settled ? settled.weight > 0 : this.#odds.keeps(traceId)
    if (!isKept || this.#shares.spend(address) === 0) return isKept
    this.#settle(traceId, 0)
    return false
  }

  #take(half: Half, span: ReadableSpan): void {
    const traceId = traceIdOf(span)
    const settled = this.#settled.get(traceId)
    if (settled) {
      this.#release(traceId, settled, half, [span])
      return
    }
    const held = this.#held.get(traceId) ?? { server: [], browser: [], since: performance.now(), bytes: 0 }
    this.#held.set(traceId, held)
    if (held[half].length >= this.#limits.spansOfTrace) {
      this.#drop(half, 'trace_too_long', 1)
      return
    }
    const bytes = bytesOfSpan(span)
    held[half].push(span)
    held.bytes += bytes
    this.#bytes += bytes
    if (this.#closed) this.#settleByOdds(traceId)
    while (this.#held.size > this.#limits.traces || this.#bytes > this.#limits.bytes) {
      this.#settleByOdds(this.#held.keys().next().value as string, 'hold_full')
    }
  }

  #sweep(): void {
    const began = performance.now() - this.#limits.ms
    for (const [traceId, { since }] of this.#held) {
      if (since > began) return
      this.#settleByOdds(traceId)
    }
  }

  #settleByOdds(traceId: string, reason?: string): void {
    this.#settle(traceId, this.#odds.keeps(traceId) ? 1 / this.#ratio : 0, reason)
  }

  #settle(traceId: string, weight: number, reason?: string): void {
    const settled = { weight, server: 0, browser: 0 }
    this.#settled.set(traceId, settled)
    const held = this.#held.get(traceId)
    if (!held) return
    this.#held.delete(traceId)
    this.#bytes -= held.bytes
    this.#release(traceId, settled, 'server', held.server, reason)
    this.#release(traceId, settled, 'browser', held.browser, reason)
  }

  #release(traceId: string, settled: Settled, half: Half, spans: readonly ReadableSpan[], reason?: string): void {
    if (spans.length === 0) return
    if (settled.weight === 0) this.#drop(half, reason ?? 'not_sampled', spans.length)
    else if (settled[half] >= this.#limits.spansOfTrace) this.#drop(half, 'trace_too_long', spans.length)
    else {
      settled[half] += spans.length
      const { ot, sampleRate } = this.#odds.samplingOf(traceId, settled.weight)
      for (const span of spans) pass(weighted(span, ot, sampleRate), this.#outputs[half])
    }
  }

  #drop(half: Half, reason: string, count: number): void {
    const { signal } = this.#outputs[half]
    signal.created(count)
    if (reason === 'not_sampled') signal.leftOut(reason, count)
    else signal.dropped(reason, count)
  }
}

const keepAll = ({ server, browser }: Outputs): TraceKeeper => ({
  server: onSpanEnd((span) => pass(span, server)),
  acceptBrowserSpans: (spans) => {
    for (const span of spans) pass(span, browser)
  },
  isKept: () => true,
  close: async () => {},
})

const pass = (span: ReadableSpan, { processors }: Output): void => {
  for (const processor of processors) processor.onEnd(span)
}

const traceIdOf = (span: ReadableSpan): string => span.spanContext().traceId

const isError = ({ status }: ReadableSpan): boolean => status.code === SpanStatusCode.ERROR
const isSlowRoot = ({ parentSpanContext, duration }: ReadableSpan): boolean =>
  parentSpanContext === undefined && hrTimeToMilliseconds(duration) >= slowMs

const isFaultOfPage = (span: ReadableSpan): boolean => isError(span) || isSlowRoot(span)
const isFaultOfServer = (span: ReadableSpan): boolean =>
  isSlowRoot(span) || (isError(span) && (span.parentSpanContext?.isRemote ?? true))

const weighted = (span: ReadableSpan, ot: string, sampleRate: number): ReadableSpan => {
  const context = span.spanContext()
  const traceState = (context.traceState ?? createTraceState()).set('ot', ot)
  return Object.create(span, {
    spanContext: { value: () => ({ ...context, traceFlags: TraceFlags.SAMPLED, traceState }) },
    attributes: { value: { ...span.attributes, [samplingAttr.sampleRate]: sampleRate } },
  })
}
