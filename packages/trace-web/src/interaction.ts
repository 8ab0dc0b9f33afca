import { browserAttr } from '@cruddur/wire/names'
import { type ActionTimes, requestTimes, rounded, splitAction } from '@cruddur/wire/times'
import {
  type Attributes,
  type Context,
  createContextKey,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { millisToHrTime } from '@opentelemetry/core'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions'
import type { ReadableSpan, SpanProcessor } from '#sdk'
import { plainTimeout } from './context/outside.ts'
import { page } from './page.ts'

/** The cost of one action of the user, for the page to show. More requests report it again with the same `spanId`. */
export type Action = {
  name: string
  traceId: string
  spanId: string
  startMs: number
  durationMs: number
  /** null when no answer says how long the server took. */
  times: ActionTimes | null
  requests: number
  failed: boolean
}

/** An action ends after this time without work. Later work does not belong to it. */
const idleMs = 500
/** Longer after a failure: the retry still belongs to the action. */
const idleAfterFailureMs = 2_500
/** Counted from the user's event. */
const maxDurationMs = 10_000

const interactionKey = createContextKey('@cruddur/trace-web/interaction')
export const interactionOf = (context: Context): Interaction | undefined =>
  context.getValue(interactionKey) as Interaction | undefined

const interactionByChild = new WeakMap<object, Interaction>()
const { openInteractions, onAction: listeners } = page

export const onAction = (listener: (action: Action) => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const milliseconds = ([seconds, nanoseconds]: HrTime): number => seconds * 1e3 + nanoseconds / 1e6
export const interactionScope = 'interactions'
/** An expected refusal, such as a 409, is not an error of its span, but the action failed for the user. */
const hasFailed = ({ status, attributes }: ReadableSpan): boolean =>
  status.code === SpanStatusCode.ERROR || Number(attributes[ATTR_HTTP_RESPONSE_STATUS_CODE]) >= 400
let provider: TracerProvider | undefined
/** By default the interactions are made by the global tracer provider. */
export const makeInteractionsWith = (own: TracerProvider): void => {
  provider = own
}
const tracer = () => (provider ?? trace).getTracer(interactionScope)

/**
 * One action and the work it causes. Its span is the root of the trace and lasts until the last child has ended.
 * The span of an action without work never ends, so it is never sent.
 */
export class Interaction {
  readonly span: Span & Pick<ReadableSpan, 'name'> & Partial<Pick<ReadableSpan, 'startTime'>>
  readonly context: Context
  readonly startedAt: number
  /** The event's type, or `load`, `restore`, `explicit` (`withInteraction`) or `background` (`inBackground`). */
  type: string
  /** Called before the span ends, which is the last moment to write on it. */
  beforeEnd: (() => void) | undefined
  #children = new Set<Span>()
  #isHeld = false
  #hasWork: boolean
  #limitTimer: ReturnType<typeof setTimeout> | undefined
  #idleTimer: ReturnType<typeof setTimeout> | undefined
  #tasks = 0
  #isIdle = false
  #isOver = false
  readonly #startTime: HrTime
  #endTime: HrTime
  #requests = 0
  #hasFailed = false
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
    // A span that is not recorded has no time.
    this.#startTime = this.span.startTime ?? millisToHrTime(performance.timeOrigin + startTime)
    this.#endTime = this.#startTime
    this.context = trace.setSpan(ROOT_CONTEXT.setValue(interactionKey, this), span)
    openInteractions.add(this)
    this.#startIdleTimer()
  }

  /** A load or a restore: it adopts work that belongs to no other action. */
  isOfPage(): boolean {
    return this.type === 'load' || this.type === 'restore'
  }

  isLive(): boolean {
    return !this.#isOver && this.#leftMs() > 0
  }

  isBusy(): boolean {
    return this.#isHeld || this.#children.size > 0
  }

  rename(name: string, type = this.type): void {
    this.type = type
    this.span.updateName(name).setAttribute(browserAttr.interactionType, type)
  }

  /** Keeps the action open, even without a child, until `release`. */
  hold(): void {
    this.#isHeld = true
    this.#stopIdleTimer()
  }

  release(endedAt = performance.now()): void {
    this.#isHeld = false
    this.#extendTo(this.#hrTimeOf(endedAt))
    this.#startIdleTimer()
  }

  /** The user had to wait until `endedAt`, so the action becomes a trace, even without requests or after its end. */
  keepUntil(endedAt: number): void {
    this.#hasWork = true
    this.#extendTo(this.#hrTimeOf(endedAt))
    this.#notifyListeners()
    if (this.#isOver) this.endSpan()
  }

  /** Extends the span to the time of the event. False when the span has ended or would last too long. */
  addEvent(name: string, attributes: Attributes, time: number): boolean {
    if (!this.span.isRecording() || time > this.startedAt + maxDurationMs) return false
    this.span.addEvent(name, attributes, this.#hrTimeOf(time))
    this.#extendTo(this.#hrTimeOf(time))
    return true
  }

  /** A task that React has scheduled may still cause requests. A task on its own does not make a trace. */
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
    this.#stopIdleTimer()
  }

  childEnded(child: Span & ReadableSpan): void {
    this.#children.delete(child)
    this.#extendTo(child.endTime)
    this.#hasFailed ||= hasFailed(child)
    if (child.attributes[ATTR_HTTP_REQUEST_METHOD]) this.#countRequest(child)
    if (this.#children.size > 0) return
    this.#notifyListeners()
    this.#startIdleTimer()
  }

  /** Ends the span with the values known now. Later work still joins the trace. */
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
    this.span.end(this.#endTime)
  }

  finish(endedBy?: string): void {
    if (this.#isOver) return
    this.#isOver = true
    openInteractions.delete(this)
    clearTimeout(this.#idleTimer)
    clearTimeout(this.#limitTimer)
    if (this.isBusy()) this.#extendTo(this.#hrTimeOf(performance.now()))
    for (const child of this.#children) child.setAttribute(browserAttr.outlivedRoot, true)
    this.endSpan(endedBy)
  }

  #hrTimeOf(time: number): HrTime {
    return millisToHrTime(milliseconds(this.#startTime) + time - this.startedAt)
  }

  #leftMs(): number {
    return this.startedAt + maxDurationMs - performance.now()
  }

  #stopIdleTimer(): void {
    clearTimeout(this.#idleTimer)
    this.#isIdle = false
    this.#limitTimer ??= plainTimeout(() => this.finish('limit'), this.#leftMs())
  }

  #startIdleTimer(): void {
    if (this.isBusy() || this.#isOver) return
    clearTimeout(this.#idleTimer)
    const idle = (): void => {
      this.#isIdle = true
      this.#finishIfIdle()
    }
    this.#idleTimer = plainTimeout(idle, this.#hasFailed ? idleAfterFailureMs : idleMs)
  }

  #finishIfIdle(): void {
    if (this.#isIdle && this.#tasks === 0) this.finish()
  }

  #extendTo(end: HrTime): void {
    const limitMs = milliseconds(this.#startTime) + maxDurationMs
    const atMost = milliseconds(end) > limitMs ? millisToHrTime(limitMs) : end
    if (milliseconds(atMost) > milliseconds(this.#endTime)) this.#endTime = atMost
  }

  #countRequest(request: ReadableSpan): void {
    this.#requests += 1
    const times = requestTimes(request.attributes, milliseconds(request.duration))
    const startMs = milliseconds(request.startTime) - milliseconds(this.#startTime)
    if (times) this.#requestTimes.push({ ...times, startMs })
  }

  #durationMs(): number {
    return milliseconds(this.#endTime) - milliseconds(this.#startTime)
  }

  #times(): ActionTimes | null {
    return this.#requestTimes.length > 0 ? splitAction(this.#durationMs(), this.#requestTimes) : null
  }

  #notifyListeners(): void {
    if (this.#requests === 0 || this.#children.size > 0 || this.isOfPage() || this.type === 'background') return
    const { traceId, spanId } = this.span.spanContext()
    const action: Action = {
      traceId,
      spanId,
      name: this.span.name,
      startMs: milliseconds(this.#startTime),
      durationMs: this.#durationMs(),
      times: this.#times(),
      requests: this.#requests,
      failed: this.#hasFailed,
    }
    for (const listener of listeners) {
      try {
        listener(action)
      } catch {}
    }
  }
}

/** For a page that may close: actions without open work end now. */
export const endIdleInteractions = (): void => {
  for (const interaction of openInteractions) if (!interaction.isBusy()) interaction.endSpan()
}

/** A page that returns from the back/forward cache starts without old actions. */
export const endAllInteractions = (endedBy: string): void => {
  for (const interaction of openInteractions) interaction.finish(interaction.isBusy() ? endedBy : undefined)
}

/** Reports child spans to their interaction. */
export class InteractionProcessor implements SpanProcessor {
  onStart(span: Span, parentContext: Context): void {
    const interaction = interactionOf(parentContext)
    if (!interaction) return
    interactionByChild.set(span, interaction)
    interaction.childStarted(span)
  }

  onEnd(span: ReadableSpan): void {
    interactionByChild.get(span)?.childEnded(span as Span & ReadableSpan)
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}
