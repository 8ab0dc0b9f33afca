import { visitHeader } from '@cruddur/wire/names'
import { type Context, isSpanContextValid, type TextMapPropagator, type TextMapSetter, trace } from '@opentelemetry/api'
import { isTracingSuppressed, TRACE_PARENT_HEADER, TRACE_STATE_HEADER } from '@opentelemetry/core'
import { visitSecret } from './session.ts'

/**
 * Sends the visit's secret with every `traceparent`, and so only to our own servers. A page answers no requests: without
 * `extract` it needs no parser.
 */
export class PagePropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context)
    if (span && isSpanContextValid(span) && !isTracingSuppressed(context)) {
      setter.set(carrier, TRACE_PARENT_HEADER, `00-${span.traceId}-${span.spanId}-0${span.traceFlags.toString(16)}`)
      if (span.traceState) setter.set(carrier, TRACE_STATE_HEADER, span.traceState.serialize())
    }
    const secret = visitSecret()
    if (secret) setter.set(carrier, visitHeader, secret)
  }

  extract(context: Context): Context {
    return context
  }

  fields(): string[] {
    return [TRACE_PARENT_HEADER, TRACE_STATE_HEADER, visitHeader]
  }
}
