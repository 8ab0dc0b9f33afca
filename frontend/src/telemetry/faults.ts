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

/** The trace in which this very error was recorded. */
export const referenceOf = (thrown: unknown): string | null => (isObject(thrown) && references.get(thrown)) || null

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
  if (isExpectedError(thrown) || (isObject(thrown) && references.has(thrown))) return
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(textOf(thrown))
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
