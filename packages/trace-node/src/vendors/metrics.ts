import { metricAttr, metricName } from '@cruddur/wire/names'
import { metrics, ValueType } from '@opentelemetry/api'
import { type ExportResult, ExportResultCode, getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core'
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import {
  AggregationTemporality,
  createAllowListAttributesProcessor,
  InstrumentType,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
  type ViewOptions,
} from '@opentelemetry/sdk-metrics'
import type { ExportQueueLimits } from './export-queue.ts'
import { createOtlpQueue, endOf, type OtlpOptions } from './otlp.ts'
import type { Signal } from './signal.ts'

// One item is one collection of all metrics: the queue holds the collections of 15 minutes.
const metricLimits: Partial<ExportQueueLimits> = {
  items: 15,
  bytes: 4 * 1024 * 1024,
  itemBytes: 1024 * 1024,
  batchItems: 1,
  ageMs: 15 * 60_000,
  lingerMs: 0,
}
const mostSeries = 200
const serializer = { 'http/protobuf': ProtobufMetricsSerializer, 'http/json': JsonMetricsSerializer } as const

export const otlpMetricExporter = (options: OtlpOptions<Uint8Array>) => {
  const { protocol = 'http/protobuf', signal } = options
  const queue = createOtlpQueue(
    { ...options, limits: { ...options.limits, ...metricLimits } },
    { encode: ([encoded]: Uint8Array[]) => encoded },
  )
  return {
    export: (collected: ResourceMetrics, done: (result: ExportResult) => void) => {
      // Encoded at once, because the SDK reuses the collected objects.
      const encoded = serializer[protocol].serializeRequest(collected)
      if (encoded) queue.add(encoded, encoded.byteLength)
      else {
        signal.created()
        signal.dropped('unsendable')
      }
      done({ code: ExportResultCode.SUCCESS })
    },
    selectAggregationTemporality: (instrument: InstrumentType) =>
      temporalityOf(instrument, getStringFromEnv('OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE')),
    ...endOf(queue),
  } satisfies PushMetricExporter
}

const upAndDown = [InstrumentType.UP_DOWN_COUNTER, InstrumentType.OBSERVABLE_UP_DOWN_COUNTER]

const temporalityOf = (instrument: InstrumentType, preference = 'cumulative'): AggregationTemporality => {
  const wanted = preference.toLowerCase()
  const isDelta =
    (wanted === 'delta' && !upAndDown.includes(instrument)) ||
    (wanted === 'lowmemory' && [InstrumentType.COUNTER, InstrumentType.HISTOGRAM].includes(instrument))
  return isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
}

export const createMetricReader = (exporter: PushMetricExporter): PeriodicExportingMetricReader =>
  new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: getNumberFromEnv('OTEL_METRIC_EXPORT_INTERVAL') ?? 60_000,
    cardinalityLimits: { default: mostSeries },
  })

/** Keeps only attributes with few values, which no client can choose; a metric has `mostSeries` series at most. */
export const metricViews: ViewOptions[] = [
  view(
    'http.server.request.duration',
    'http.request.method',
    'url.scheme',
    'http.route',
    'http.response.status_code',
    'error.type',
  ),
  view(
    'http.client.request.duration',
    'http.request.method',
    'server.address',
    'server.port',
    'http.response.status_code',
    'error.type',
  ),
  view(
    'db.client.operation.duration',
    'db.system.name',
    'db.namespace',
    'db.operation.name',
    'db.response.status_code',
    'error.type',
  ),
]

function view(instrumentName: string, ...attributes: string[]): ViewOptions {
  return { instrumentName, attributesProcessors: [createAllowListAttributesProcessor(attributes)] }
}

/** The signals' accounts, as metrics. */
export const measureSignals = (signals: readonly Signal[]): void => {
  const meter = metrics.getMeter('@cruddur/trace-node')
  const item = { unit: '{item}', valueType: ValueType.INT }
  const created = meter.createObservableCounter(metricName.signalCreated, item)
  const delivered = meter.createObservableCounter(metricName.signalDelivered, item)
  const dropped = meter.createObservableCounter(metricName.signalDropped, item)
  const queued = meter.createObservableUpDownCounter(metricName.signalQueued, item)
  meter.addBatchObservableCallback(
    (result) => {
      for (const signal of signals) {
        const account = signal.snapshot()
        const of = { [metricAttr.signalName]: account.name }
        result.observe(created, account.created, of)
        result.observe(delivered, account.delivered, of)
        result.observe(queued, account.queued, of)
        for (const [reason, count] of Object.entries(account.dropped)) {
          result.observe(dropped, count, { ...of, [metricAttr.signalDropReason]: reason })
        }
      }
    },
    [created, delivered, dropped, queued],
  )
}
