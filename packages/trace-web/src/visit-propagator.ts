import { visitHeader } from '@cruddur/wire/names'
import type { Context, TextMapSetter } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { visitSecret } from './session.ts'

/** Sends the visit's secret with every `traceparent`, and so only to our own servers. */
export class VisitPropagator extends W3CTraceContextPropagator {
  override inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    super.inject(context, carrier, setter)
    const secret = visitSecret()
    if (secret) setter.set(carrier, visitHeader, secret)
  }
}
