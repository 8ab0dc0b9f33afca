import { isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api'
import { currentVisitId } from './spans/visit.ts'

/** X-Ray's form of the same id. */
export const xrayTraceId = (traceId: string): string => `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`

export type TraceIds = {
  readonly trace_id: string
  readonly span_id: string
  readonly trace_flags: string
  readonly xray_trace_id: string
  /** The visit of the page, as `session.id` on spans. */
  readonly session_id?: string
}

/** The ids of the active span, as items and log lines carry them; empty without an active span. */
export const activeTraceIds = (): Partial<TraceIds> => {
  const context = trace.getActiveSpan()?.spanContext()
  return context && isSpanContextValid(context) ? idsOf(context) : {}
}

const idsOf = ({ traceId, spanId, traceFlags }: SpanContext): TraceIds => {
  const visitId = currentVisitId()
  return {
    trace_id: traceId,
    span_id: spanId,
    trace_flags: `0${traceFlags.toString(16)}`,
    xray_trace_id: xrayTraceId(traceId),
    ...(visitId !== undefined && { session_id: visitId }),
  }
}
