// Version 2 of the SDK. Under the condition `otel-sdk-3`, ./sdk-trace.ts takes its place.
import type { Resource } from '@opentelemetry/resources'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-web'

export type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-web'

/** `WebTracerProvider` adds only `register`, whose defaults (baggage, a manager for one stack) would be 1.0 kB in the page. */
export const createProvider = (settings: {
  resource?: Resource
  spanProcessors: SpanProcessor[]
}): BasicTracerProvider => new BasicTracerProvider(settings)
