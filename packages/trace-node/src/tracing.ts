import { attr, userIdKey } from '@cruddur/wire/names'
import { type AttributeValue, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { recordable } from './clean-error.ts'
import type { Log } from './logger.ts'
import { useCaseTracers } from './spans/span-processors.ts'
import type { FaultyRequest } from './vendors/faults.ts'
import { vendors } from './vendors.ts'

export type TracingOptions = {
  /** The name of the tracer; the service's name unless it is given. */
  readonly tracer?: string
  /** Whether this error marks a span as failed. */
  readonly isFault?: (error: unknown) => boolean
}

const anonymous = 'anonymous'
const recorded = new WeakSet<Error>()
const kindOf = { internal: SpanKind.INTERNAL, consumer: SpanKind.CONSUMER }

/** An error with a status below 500 is an answer. Every other error is a fault. */
export const isServerFault = (error: unknown): boolean => {
  const { status, statusCode } = (error ?? {}) as { status?: unknown; statusCode?: unknown }
  const answered = typeof status === 'number' ? status : statusCode
  return typeof answered !== 'number' || answered < 400 || answered >= 500
}

/** The telemetry of use cases. The type parameters are the application's own names, which the compiler then checks. */
export const tracing = <
  SpanName extends string = string,
  AttributeKey extends string = string,
  LogField extends string = string,
>({
  tracer,
  isFault = isServerFault,
}: TracingOptions = {}) => {
  const tracerOf = () => {
    const name = tracer ?? vendors().service
    useCaseTracers.add(name)
    return trace.getTracer(name)
  }

  /** Wraps a use case in a span. Only a fault marks the span as failed; it is recorded where it happened. */
  const traced =
    <Args extends unknown[], Result>(
      name: SpanName,
      work: (...args: Args) => Promise<Result>,
      kind: 'internal' | 'consumer' = 'internal',
    ) =>
    (...args: Args): Promise<Result> =>
      tracerOf().startActiveSpan(name, { kind: kindOf[kind] }, async (span) => {
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
  const annotate = (facts: Partial<Record<AttributeKey, AttributeValue>>): void => {
    const span = trace.getActiveSpan()
    if (span?.isRecording()) span.setAttributes(facts)
  }

  return { traced, annotate, log: log as Log<LogField> }
}

/** Log lines with the ids of their span, to stdout and to the vendors. */
const log: Log = {
  info: (message, fields) => vendors().log.info(message, fields),
  warn: (message, fields) => vendors().log.warn(message, fields),
  error: (message, fields) => vendors().log.error(message, fields),
}

/** Names the user on the current span and on the spans of use cases below it; null means that no user is signed in. */
export const annotateUser = (id: string | null): void => {
  const span = trace.getActiveSpan()
  if (!span?.isRecording()) return
  span.setAttribute(attr.userId, id ?? anonymous)
  if (id !== null) span.setAttribute(userIdKey, id)
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

// One exception is one event in a trace, however many spans it passes through.
const record = (span: Span, thrown: unknown): void => {
  if (!span.isRecording()) return
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  if (recorded.has(error)) return
  recorded.add(error)
  span.recordException(recordable(error))
}
