import { logs, metrics, propagation, type TextMapPropagator, trace } from '@opentelemetry/api'
import { getNumberFromEnv, getStringListFromEnv } from '@opentelemetry/core'
import { type Instrumentation, registerInstrumentations } from '@opentelemetry/instrumentation'
import {
  type DetectedResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  type Resource,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources'
import { LoggerProvider, type LogRecordProcessor } from '@opentelemetry/sdk-logs'
import { MeterProvider, type MetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics'
import { type Sampler, type SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'

type Parts = {
  readonly resource: Resource
  readonly sampler: Sampler
  readonly spanProcessors: SpanProcessor[]
  readonly logRecordProcessors: LogRecordProcessor[]
  readonly metricReaders: MetricReader[]
  readonly views: ViewOptions[]
  readonly propagator: TextMapPropagator
  readonly instrumentations: Instrumentation[]
}

/** What NodeSDK does with these parts, without the exporters that it would load and not use: they take a second. */
export const startSdk = ({ propagator, instrumentations, sampler, views, ...parts }: Parts): void => {
  registerInstrumentations({ instrumentations })
  propagation.setGlobalPropagator(propagator)
  const resource = parts.resource.merge(detectResources({ detectors: detectorsFromEnvironment() }))
  if (parts.metricReaders.length > 0) {
    metrics.setGlobalMeterProvider(new MeterProvider({ resource, views, readers: parts.metricReaders }))
    for (const one of instrumentations) one.setMeterProvider(metrics.getMeterProvider())
  }
  const spanLimits = limitsFromEnvironment(spanLimitNames)
  trace.setGlobalTracerProvider(
    new TracerProvider({ resource, sampler, spanLimits, spanProcessors: parts.spanProcessors }),
  )
  const logRecordLimits = limitsFromEnvironment(logRecordLimitNames)
  logs.setGlobalLoggerProvider(new LoggerProvider({ resource, logRecordLimits, processors: parts.logRecordProcessors }))
}

/** The arguments of a command may be passwords. */
const withoutArguments = ({ attributes: { 'process.command_args': _, ...attributes } = {} }: DetectedResource) => ({
  attributes,
})

const detectors = {
  serviceinstance: serviceInstanceIdDetector,
  process: { detect: () => withoutArguments(processDetector.detect()) },
  host: hostDetector,
  os: osDetector,
  env: envDetector,
}

const detectorsFromEnvironment = () => {
  const names = getStringListFromEnv('OTEL_NODE_RESOURCE_DETECTORS') ?? ['all']
  return Object.entries(detectors).flatMap(([name, detector]) =>
    names.includes('all') || names.includes(name) ? detector : [],
  )
}

const spanLimitNames = {
  attributeCountLimit: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
  attributeValueLengthLimit: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
  eventCountLimit: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
  linkCountLimit: ['OTEL_SPAN_LINK_COUNT_LIMIT'],
  attributePerEventCountLimit: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT'],
  attributePerLinkCountLimit: ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'],
} as const

const logRecordLimitNames = {
  attributeCountLimit: ['OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
  attributeValueLengthLimit: ['OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
} as const

/** The first variable that is set gives each limit. */
const limitsFromEnvironment = <Limit extends string>(names: Record<Limit, readonly string[]>) =>
  Object.fromEntries(
    Object.entries<readonly string[]>(names).flatMap(([limit, variables]) => {
      const value = variables.map((name) => getNumberFromEnv(name)).find((given) => given !== undefined)
      return value === undefined ? [] : [[limit, value]]
    }),
  ) as Partial<Record<Limit, number>>
