// `@opentelemetry/sdk-trace`, which replaces version 2 of the SDK. ./sdk.ts is the default.
import type { Resource } from '@opentelemetry/resources'
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

export type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'

export const createProvider = (settings: { resource?: Resource; spanProcessors: SpanProcessor[] }): TracerProvider =>
  new TracerProvider(settings)
