import { browserAttr } from '@cruddur/shared/telemetry'
import { type ActionTimes, requestTimes, rounded, splitAction } from '@cruddur/shared/times'
import {
  type Attributes,
  type Context,
  createContextKey,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions'
import { unzonedTimeout } from './before-zone.ts'

/** What one action of the user cost, for the page to show; given again with the same `spanId` when more came of it. */
export type Action = {
  name: string
  traceId: string
  spanId: string
  startMs: number
  durationMs: number
  /** Null when no answer said how long the server took. */
  times: ActionTimes | null
  requests: number
  failed: boolean
}

/** With nothing under way, an action is over after this: what comes later is not a part of it. */
const idleMs = 500
/** What failed is tried again after a pause, and that is still the same action. */
const idleAfterFailureMs = 2_500
/** From the user's event on. */
const longestMs = 10_000

const key = createContextKey('interaction')
export const interactionOf = (context: Context): Interaction | undefined =>
  context.getValue(key) as Interaction | undefined

const open = new Set<Interaction>()
const byChild = new WeakMap<object, Interaction>()
const listeners = new Set<(action: Action) => void>()

export const onAction = (listener: (action: Action) => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1e3 + nanoseconds / 1e6
export const interactionScope = 'interactions'
/** An expected refusal is no error of its span, but the action did not do what it was meant to. */
const hasFailed = ({ status, attributes }: ReadableSpan): boolean =>
  status.code === SpanStatusCode.ERROR || Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 400
const tracer = () => trace.getTracer(interactionScope)

/**
 * One action and all that comes of it. Its span is the root of one trace, lasts until the last of its children has
 * ended, and is never ended, hence never sent, when the action caused no work.
 */
export class Interaction {
  readonly span: Span & Pick<ReadableSpan, 'name' | 'startTime'>
  readonly context: Context
  readonly startedAt: number
  /** The event's; `load` and `restore` are the page's own, `explicit` is `withInteraction`, `background` is `inBackground`. */
  type: string
  /** The last chance to write on the span. */
  beforeEnd: (() => void) | undefined
  #children = new Set<Span>()
  #held = false
  #hasWork: boolean
  #limitTimer: ReturnType<typeof setTimeout> | undefined
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #tasks = 0
  #isIdle = false
  #over = false
  #end: HrTime
  #requests = 0
  #failed = false
  #requestTimes: Parameters<typeof splitAction>[1][number][] = []

  constructor(type: string, name: string, startTime: number, links: Link[] = []) {
    this.type = type
    this.startedAt = startTime
    this.#hasWork = this.isOfPage()
    const span = tracer().startSpan(
      name,
      { startTime, links, attributes: { [browserAttr.interactionType]: type } },
      ROOT_CONTEXT,
    )
    this.span = span as Interaction['span']
    this.#end = this.span.startTime
    this.context = trace.setSpan(ROOT_CONTEXT.setValue(key, this), span)
    open.add(this)
    this.#rest()
  }

  /** Work that belongs to no other action belongs to the load. */
  isOfPage(): boolean {
    return this.type === 'load' || this.type === 'restore'
  }

  isLive(): boolean {
    return !this.#over && this.#leftMs() > 0
  }

  isBusy(): boolean {
    return this.#held || this.#children.size > 0
  }

  rename(name: string, type = this.type): void {
    this.type = type
    this.span.updateName(name).setAttribute(browserAttr.interactionType, type)
  }

  /** Is not idle, even without a child, until `release`. */
  hold(): void {
    this.#held = true
    this.#work()
  }

  release(endedAt = performance.now()): void {
    this.#held = false
    this.#extendTo(this.#at(endedAt))
    this.#rest()
  }

  /** The user had to wait until then: that is a trace, even when the action is over and has asked for nothing. */
  keepUntil(endedAt: number): void {
    this.#hasWork = true
    this.#extendTo(this.#at(endedAt))
    if (this.#over) this.endSpan()
  }

  /** Whether the span could take it: it lasts until then at least. */
  addEvent(name: string, attributes: Attributes, time: number): boolean {
    if (!this.span.isRecording() || time > this.startedAt + longestMs) return false
    this.span.addEvent(name, attributes, this.#at(time))
    this.#extendTo(this.#at(time))
    return true
  }

  /** What React has put off may still ask for something, however long it takes to draw; it is no work of its own. */
  taskStarted(): void {
    this.#tasks += 1
  }

  taskEnded(): void {
    this.#tasks -= 1
    this.#finishIfIdle()
  }

  childStarted(child: Span): void {
    this.#children.add(child)
    this.#hasWork = true
    this.#work()
  }

  childEnded(child: Span & ReadableSpan): void {
    this.#children.delete(child)
    this.#extendTo(child.endTime)
    this.#failed ||= hasFailed(child)
    if (child.attributes[ATTR_HTTP_REQUEST_METHOD]) this.#count(child)
    if (this.#children.size > 0) return
    if (this.#requests > 0 && !this.isOfPage() && this.type !== 'background') this.#tell()
    this.#rest()
  }

  /** The span leaves now with what is known; work that still comes remains a part of the trace. */
  endSpan(endedBy?: string): void {
    if (!this.#hasWork || !this.span.isRecording()) return
    if (endedBy) this.span.setAttribute(browserAttr.endedBy, endedBy)
    this.beforeEnd?.()
    const times = this.#times()
    if (times)
      this.span.setAttributes({
        [browserAttr.pageMs]: rounded(times.pageMs),
        [browserAttr.networkMs]: rounded(times.networkMs),
        [browserAttr.serverMs]: rounded(times.serverMs),
      })
    this.span.end(this.#end)
  }

  finish(endedBy?: string): void {
    if (this.#over) return
    this.#over = true
    open.delete(this)
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#limitTimer)
    if (this.isBusy()) this.#extendTo(this.#at(performance.now()))
    for (const child of this.#children) child.setAttribute(browserAttr.outlivedRoot, true)
    this.endSpan(endedBy)
  }

  #at(time: number): HrTime {
    return millisToHrTime(milliseconds(this.span.startTime) + time - this.startedAt)
  }

  #leftMs(): number {
    return this.startedAt + longestMs - performance.now()
  }

  #work(): void {
    clearTimeout(this.#idleTimer)
    this.#isIdle = false
    this.#limitTimer ??= unzonedTimeout(() => this.finish('limit'), this.#leftMs())
  }

  #rest(): void {
    if (this.isBusy() || this.#over) return
    clearTimeout(this.#idleTimer)
    const idle = (): void => {
      this.#isIdle = true
      this.#finishIfIdle()
    }
    this.#idleTimer = unzonedTimeout(idle, this.#failed ? idleAfterFailureMs : idleMs)
  }

  #finishIfIdle(): void {
    if (this.#isIdle && this.#tasks === 0) this.finish()
  }

  #extendTo(end: HrTime): void {
    const limitMs = milliseconds(this.span.startTime) + longestMs
    const atMost = milliseconds(end) > limitMs ? millisToHrTime(limitMs) : end
    if (milliseconds(atMost) > milliseconds(this.#end)) this.#end = atMost
  }

  #count(request: ReadableSpan): void {
    this.#requests += 1
    const times = requestTimes(request.attributes, milliseconds(request.duration))
    const startMs = milliseconds(request.startTime) - milliseconds(this.span.startTime)
    if (times) this.#requestTimes.push({ ...times, startMs })
  }

  #durationMs(): number {
    return milliseconds(this.#end) - milliseconds(this.span.startTime)
  }

  #times(): ActionTimes | null {
    return this.#requestTimes.length > 0 ? splitAction(this.#durationMs(), this.#requestTimes) : null
  }

  #tell(): void {
    const { traceId, spanId } = this.span.spanContext()
    const action: Action = {
      traceId,
      spanId,
      name: this.span.name,
      startMs: milliseconds(this.span.startTime),
      durationMs: this.#durationMs(),
      times: this.#times(),
      requests: this.#requests,
      failed: this.#failed,
    }
    for (const listener of listeners) {
      try {
        listener(action)
      } catch {}
    }
  }
}

/** The page may be gone in a moment: what has come to rest has ended. */
export const endRestingInteractions = (): void => {
  for (const interaction of open) if (!interaction.isBusy()) interaction.endSpan()
}

/** A page that comes back from the browser's cache begins without them. */
export const endAllInteractions = (endedBy: string): void => {
  for (const interaction of open) interaction.finish(interaction.isBusy() ? endedBy : undefined)
}

/** Tells every interaction of the spans that start and end below it. */
export class InteractionProcessor implements SpanProcessor {
  onStart(span: Span, parentContext: Context): void {
    const interaction = interactionOf(parentContext)
    if (!interaction) return
    byChild.set(span, interaction)
    interaction.childStarted(span)
  }

  onEnd(span: ReadableSpan): void {
    byChild.get(span)?.childEnded(span as Span & ReadableSpan)
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
