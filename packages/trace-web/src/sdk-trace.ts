// `@opentelemetry/sdk-trace`, which replaces version 2 of the SDK. ./sdk.ts is the default.
import type { Attributes } from '@opentelemetry/api'
import { type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { resourceOf } from './resource.ts'

export type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'

type Settings = { attributes?: Attributes; spanProcessors: SpanProcessor[] }

export const createProvider = ({ attributes = {}, spanProcessors }: Settings): TracerProvider =>
  new TracerProvider({ resource: resourceOf(attributes), spanProcessors })
