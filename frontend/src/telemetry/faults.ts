import { browserAttr } from '@cruddur/shared/telemetry'
import { type Context, context, isSpanContextValid, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-web'
import { recentSpans } from './recent-spans.ts'
import { type FaultKind, ReportQueue } from './report-queue.ts'
import { rollbarToken } from './rollbar-settings.ts'
import { scrub } from './url-template.ts'

type Fault = { kind: FaultKind; traceId: string }
type Listener = (fault: Fault) => void

export const reports = new ReportQueue()
const listeners = new Set<Listener>()
const references = new WeakMap<object, string | null>()

export const onFault = (listener: Listener): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const isObject = (thrown: unknown): thrown is object => typeof thrown === 'object' && thrown !== null

/** The trace under which this very error was recorded. */
export const referenceOf = (thrown: unknown): string | null => (isObject(thrown) && references.get(thrown)) || null

/** Told by what it says of itself: an answer below 500, or a request that was given up, is nobody's fault. */
const isAnswer = (thrown: unknown): boolean =>
  isObject(thrown) &&
  (('isAnswer' in thrown && thrown.isAnswer === true) || ('name' in thrown && thrown.name === 'AbortError'))

const words = (thrown: unknown): string => {
  try {
    return String(thrown)
  } catch {
    return 'what cannot be read'
  }
}

/** One fault is one `exception` span in the trace of the action that it came from, and one report under that span's ids. */
export const recordFault = (
  thrown: unknown,
  kind: FaultKind,
  { parent = context.active(), componentStack }: { parent?: Context; componentStack?: string | undefined } = {},
): void => {
  if (isAnswer(thrown) || (isObject(thrown) && references.has(thrown))) return
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(words(thrown))
  const span = trace.getTracer('errors').startSpan('exception', {}, parent)
  span.recordException({ name, message: scrub(message), ...(stack && { stack: scrub(stack) }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(message) }).end()

  const ids = span.spanContext()
  const [traceId, spanId] = isSpanContextValid(ids) ? [ids.traceId, ids.spanId] : [null, null]
  if (isObject(thrown)) references.set(thrown, traceId)
  if (rollbarToken) {
    const { attributes = {} } = span as Partial<ReadableSpan>
    const attribute = (key: string) => (attributes[key] as string | undefined) ?? null
    reports.add({
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
