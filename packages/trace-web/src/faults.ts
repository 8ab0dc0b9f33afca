import { browserAttr } from '@cruddur/wire/names'
import { type Context, context, isSpanContextValid, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-web'
import { plainListen, plainTimeout } from './context/outside.ts'
import { ExportQueue } from './export-queue.ts'
import { pageOptions } from './options.ts'
import { recentSpans } from './recent-spans.ts'
import { scrub } from './url-template.ts'

type FaultKind = 'uncaught' | 'unhandled rejection' | 'render'

/** Everything that Rollbar gets about one fault. */
export type Report = {
  thrown: unknown
  kind: FaultKind
  componentStack?: string | undefined
  traceId: string | null
  spanId: string | null
  sessionId: string | null
  userId: string | null
  route: string | null
  /** The actions and requests before the fault, oldest first. */
  before: readonly ReadableSpan[]
}

/** Reports are posted one by one, as soon as Rollbar's package is loaded. */
export const reportQueue = new ExportQueue<Report>({
  capacity: 60,
  batchSize: 1,
  delayMs: 0,
  maxDelayMs: 0,
  isUrgent: () => true,
  isOnline: () => true,
  now: () => performance.now(),
  setTimer: (run, ms) => plainTimeout(run, ms),
})

type Listener = (fault: { kind: FaultKind; traceId: string }) => void
const listeners = new Set<Listener>()
const traceIds = new WeakMap<object, string | null>()

export const onFault = (listener: Listener): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const isObject = (thrown: unknown): thrown is object => typeof thrown === 'object' && thrown !== null

/** The trace in which this very error was recorded. */
export const referenceOf = (thrown: unknown): string | null => (isObject(thrown) && traceIds.get(thrown)) || null

/** An answer below 500 and an aborted request are not faults. */
const isExpectedError = (thrown: unknown): boolean =>
  isObject(thrown) &&
  (('isAnswer' in thrown && thrown.isAnswer === true) || ('name' in thrown && thrown.name === 'AbortError'))

const textOf = (thrown: unknown): string => {
  try {
    return String(thrown)
  } catch {
    return 'unreadable value'
  }
}

/** One fault makes one `exception` span in the trace of its action, and one report with the ids of that span. */
export const recordFault = (
  thrown: unknown,
  kind: FaultKind,
  { parent = context.active(), componentStack }: { parent?: Context; componentStack?: string | undefined } = {},
): void => {
  if (isExpectedError(thrown) || (isObject(thrown) && traceIds.has(thrown))) return
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(textOf(thrown))
  const span = trace.getTracer('errors').startSpan('exception', {}, parent)
  span.recordException({ name, message: scrub(message), ...(stack && { stack: scrub(stack) }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(message) }).end()

  const ids = span.spanContext()
  const [traceId, spanId] = isSpanContextValid(ids) ? [ids.traceId, ids.spanId] : [null, null]
  if (isObject(thrown)) traceIds.set(thrown, traceId)
  if (pageOptions().rollbar?.token) {
    const { attributes = {} } = span as Partial<ReadableSpan>
    const attribute = (key: string) => (attributes[key] as string | undefined) ?? null
    reportQueue.add({
      thrown,
      kind,
      componentStack,
      traceId,
      spanId,
      sessionId: attribute(browserAttr.sessionId),
      userId: attribute(browserAttr.userId),
      route: attribute(browserAttr.pageRoute),
      before: recentSpans(),
    })
  }
  if (traceId) for (const listener of listeners) listener({ kind, traceId })
}

/** Records uncaught errors and unhandled rejections in the trace of the action that caused them. */
export const traceFaults = (listenForRejections: (listener: (reason: unknown) => void) => void): void => {
  // Not in the context of this call: React reports synchronously, so the context of the handler that threw is still active.
  plainListen('error', ({ error, message }) => {
    // This is no fault: the browser postpones the other callbacks to the next frame.
    if (!error && message.startsWith('ResizeObserver loop')) return
    recordFault(error ?? message, 'uncaught')
  })

  listenForRejections((reason) => recordFault(reason, 'unhandled rejection'))
}
