import { browserAttr } from '@cruddur/wire/names'
import { type Context, context, isSpanContextValid, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '#sdk'
import { plainTimeout } from './context/outside.ts'
import { ExportQueue, type Send } from './export-queue.ts'
import { page } from './page.ts'
import { recentSpans } from './recent-spans.ts'
import { scrub } from './url-template.ts'

/** `handled` was reported by the page's own code. */
export type FaultKind = 'uncaught' | 'unhandled rejection' | 'render' | 'handled'

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

// A method, so that each vendor's `open` may ask for its own settings.
type OpenReports = { open(reports: Reports, version: string | undefined): Send<Report> }['open']

/** Where faults are reported, in addition to their trace. */
export type Reports = {
  /** The vendor's address. Null when reports are off. */
  destination: string | null
  /** Why they are on or off, for `pageSignals`. */
  because: string
  /** Loads the code that posts them, after the page. */
  load: () => Promise<{ open: OpenReports }>
}

export type OnFault = (fault: { kind: FaultKind; traceId: string }) => void

/** Reports are posted one by one, as soon as the vendor's package is loaded. */
const queue = new ExportQueue<Report>({
  capacity: 60,
  batchSize: 1,
  delayMs: 0,
  maxDelayMs: 0,
  isUrgent: () => true,
  isOnline: () => true,
  now: () => performance.now(),
  setTimer: (run, ms) => plainTimeout(run, ms),
})
let reports: Reports | undefined

export const reportFaultsTo = (given: Reports | undefined): void => {
  reports = given
}

export const reporting = () => ({ reports, queue })

export const onFault = (listener: OnFault): (() => void) => {
  page.onFault.add(listener)
  return () => page.onFault.delete(listener)
}

const isObject = (thrown: unknown): thrown is object => typeof thrown === 'object' && thrown !== null

/** The trace in which this very error was recorded. */
export const referenceOf = (thrown: unknown): string | null => (isObject(thrown) && page.traceIds.get(thrown)) || null

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
  if (isExpectedError(thrown) || (isObject(thrown) && page.traceIds.has(thrown))) return
  const { name, message, stack } = thrown instanceof Error ? thrown : new Error(textOf(thrown))
  const span = trace.getTracer('errors').startSpan('exception', {}, parent)
  span.recordException({ name, message: scrub(message), ...(stack && { stack: scrub(stack) }) })
  span.setStatus({ code: SpanStatusCode.ERROR, message: scrub(message) }).end()

  const ids = span.spanContext()
  const [traceId, spanId] = isSpanContextValid(ids) ? [ids.traceId, ids.spanId] : [null, null]
  if (isObject(thrown)) page.traceIds.set(thrown, traceId)
  if (reports?.destination) {
    const { attributes = {} } = span as Partial<ReadableSpan>
    const attribute = (key: string) => (attributes[key] as string | undefined) ?? null
    queue.add({
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
  if (traceId) for (const listener of page.onFault) listener({ kind, traceId })
}
