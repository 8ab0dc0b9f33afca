import type { IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { AttributeKey, SpanName } from '@cruddur/shared/telemetry'
import { attr, serviceName } from '@cruddur/shared/telemetry'
import { userIdKey } from '@cruddur/wire/names'
import type { SignalState } from '@cruddur/wire/signal-account'
import {
  type AttributeValue,
  context,
  isSpanContextValid,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { isFault } from '../errors.ts'
import type { FaultyRequest } from './faults.ts'
import type { HoneycombPlace } from './honeycomb.ts'
import type { Log } from './logger.ts'
import { vendors } from './vendors.ts'

export { openAnswerTrace, refuseTrace } from './answer-trace.ts'
export type { HoneycombPlace } from './honeycomb.ts'
export { logRequest } from './logger.ts'
export { shortened } from './scrub.ts'
export { activeTraceIds } from './trace-ids.ts'
export { isUntraced } from './untraced-requests.ts'

/** Log lines with the ids of their span, to stdout and to CloudWatch. */
export const log: Log = {
  info: (message, fields) => vendors().log.info(message, fields),
  warn: (message, fields) => vendors().log.warn(message, fields),
  error: (message, fields) => vendors().log.error(message, fields),
}

/** The account of each signal, as far as this process knows. */
export const signals = (): SignalState[] => vendors().signals.map((signal) => signal.snapshot())

/** The version of this build, as spans, faults and the health check say it. */
export const version = (): string => vendors().version

/** Where Honeycomb shows the traces; null when it is not used, or has not answered yet. */
export const honeycombPlace = (): HoneycombPlace | null => vendors().honeycombPlace()

/** Sends the queued items, until the deadline at most. */
export const shutdownTelemetry = async (deadlineMs: number): Promise<void> => {
  const deadline = delay(deadlineMs, undefined, { ref: false })
  await Promise.race([
    vendors()
      .close(deadlineMs)
      .catch(() => {}),
    deadline,
  ])
}

type Facts = Partial<Record<AttributeKey, AttributeValue>>

const tracer = trace.getTracer(serviceName.backend)
const anonymous = 'anonymous'
const recorded = new WeakSet<Error>()
const kindOf = { internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER }

/** Wraps a use case in a span. Only a fault (500 or more) marks the span as failed; it is recorded where it happened. */
export const traced =
  <Args extends unknown[], Result>(
    name: SpanName,
    work: (...args: Args) => Promise<Result>,
    kind: 'internal' | 'consumer' = 'internal',
  ) =>
  (...args: Args): Promise<Result> =>
    tracer.startActiveSpan(name, { kind: kindOf[kind] }, async (span) => {
      try {
        return await work(...args)
      } catch (error) {
        if (isFault(error)) record(span, error)
        throw error
      } finally {
        span.end()
      }
    })

/** Adds facts to the current span, unless it has ended. If a client leaves, its request's span ends before the work. */
export const annotate = (facts: Facts): void => {
  const span = trace.getActiveSpan()
  if (span?.isRecording()) span.setAttributes(facts)
}

/** Names the user on the current span and on the spans of use cases below it; null means that no user is signed in. */
export const annotateUser = (uuid: string | null): void => {
  const span = trace.getActiveSpan()
  if (!span?.isRecording()) return
  span.setAttribute(attr.userId, uuid ?? anonymous)
  if (uuid !== null) span.setAttribute(userIdKey, uuid)
}

/** Marks the request's span as failed and reports the fault to Rollbar. Returns the item's uuid, if there is one. */
export const reportFault = (error: unknown, request?: FaultyRequest): string | null => {
  const span = trace.getActiveSpan()
  if (span) record(span, error)
  return vendors().faults.report({ error, request, userId: userOf(span as Partial<ReadableSpan> | undefined) })
}

const userOf = (span: Partial<ReadableSpan> | undefined): string | undefined => {
  const user = span?.attributes?.[userIdKey]
  return typeof user === 'string' ? user : undefined
}

export const currentTraceId = (): string | null => {
  const context = trace.getActiveSpan()?.spanContext()
  return context && isSpanContextValid(context) ? context.traceId : null
}

/** The current trace as text: another process can continue it from the database. */
export const currentTraceparent = (): string | null => {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}

/** Runs `work` as a part of the trace of its cause, which `currentTraceparent` wrote. */
export const inTraceOf = <Result>(cause: string | null | undefined, work: () => Result): Result =>
  context.with(cause ? propagation.extract(ROOT_CONTEXT, { traceparent: cause }) : ROOT_CONTEXT, work)

/** The same for a request that has no span of its own. */
export const inTraceOfRequest = <Result>({ headers }: IncomingMessage, work: () => Result): Result =>
  inTraceOf([headers.traceparent].flat()[0], work)

/** The request headers that carry a trace. */
export const traceHeaders = ['traceparent', 'tracestate'] as const

// One exception is one event in a trace, however many spans it passes through.
const record = (span: Span, thrown: unknown): void => {
  if (!span.isRecording()) return
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  if (recorded.has(error)) return
  recorded.add(error)
  span.recordException(error)
}
