// Version 2 of the SDK. ./sdk-trace.ts takes its place under the condition `otel-sdk-3`, ./lean-sdk.ts in a compiled page.
import type { Attributes } from '@opentelemetry/api'
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-web'
import { resourceOf } from './resource.ts'

export type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-web'

type Settings = { attributes?: Attributes; spanProcessors: SpanProcessor[] }

/** `WebTracerProvider` adds only `register`, whose defaults (baggage, a manager for one stack) would be 1.0 kB in the page. */
export const createProvider = ({ attributes = {}, spanProcessors }: Settings): BasicTracerProvider =>
  new BasicTracerProvider({ resource: resourceOf(attributes), spanProcessors })
