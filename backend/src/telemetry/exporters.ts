import { getNumberFromEnv, getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core'
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  SimpleSpanProcessor,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace'

/**
 * What OTEL_TRACES_EXPORTER and its companions ask for; every call makes queues of its own. The SDK does the same for
 * the spans of this process, but does not share the result: the relay's spans need it as well.
 */
export const spanProcessorsFromEnvironment = (): SpanProcessor[] => {
  const names = getStringListFromEnv('OTEL_TRACES_EXPORTER') ?? []
  return [...new Set(names.length > 0 ? names : ['otlp'])].flatMap((name) => processorFor(name))
}

const processorFor = (name: string): SpanProcessor[] => {
  if (name === 'none') return []
  if (name === 'console') return [new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })]
  if (name === 'otlp') return [new BatchSpanProcessor({ exporter: otlpExporter(), ...batchLimits() })]
  throw new WrongTelemetry(`OTEL_TRACES_EXPORTER knows console, otlp and none, not "${name}".`)
}

const otlpExporter = (): SpanExporter => {
  const protocol =
    getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL')
  if (protocol === undefined || protocol === 'http/protobuf') return new ProtobufExporter()
  if (protocol === 'http/json') return new JsonExporter()
  throw new WrongTelemetry(`OTEL_EXPORTER_OTLP_PROTOCOL can be http/protobuf or http/json here, not "${protocol}".`)
}

const batchLimits = () => {
  const limits = {
    maxQueueSize: getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE'),
    maxExportBatchSize: getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
    scheduledDelayMillis: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY'),
    exportTimeoutMillis: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT'),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined && value > 0))
}

export class WrongTelemetry extends Error {}
