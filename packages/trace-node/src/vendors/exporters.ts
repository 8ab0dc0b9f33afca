import { getNumberFromEnv, getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core'
import { ConsoleLogRecordExporter, type LogRecordProcessor, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { ConsoleMetricExporter, type MetricReader } from '@opentelemetry/sdk-metrics'
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { WrongEnvironment } from '../settings.ts'
import { createMetricReader, otlpMetricExporter } from './metrics.ts'
import { type OtlpProtocol, type OtlpStream, otlpSettingsFromEnvironment, otlpSpanProcessor } from './otlp.ts'
import { otlpLogProcessor } from './otlp-logs.ts'
import { reasonFor, type Signal } from './signal.ts'

type About = { readonly hasKey: boolean }

/** One stream: the parts for the SDK, and how to close them. */
type Opened<Part> = { readonly parts: readonly Part[]; readonly close: (deadlineMs: number) => Promise<void> }
type Makers<Part> = {
  readonly console: () => Part & { readonly shutdown: () => Promise<void> }
  readonly otlp: (options: ReturnType<typeof otlpOptions>) => Part & { readonly shutdown: Opened<Part>['close'] }
}

/**
 * Makes the exporters that OTEL_TRACES_EXPORTER names. Each call makes its own queue. The SDK would do this only for
 * the spans of this process, but the relay's spans need exporters too.
 */
export const spanProcessorsFromEnvironment = (signal: Signal, about: About): Opened<SpanProcessor> =>
  open<SpanProcessor>('TRACES', signal, about, {
    console: () => new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() }),
    otlp: (options) => otlpSpanProcessor({ ...options, limits: limitsFromEnvironment('BSP') }),
  })

export const logProcessorsFromEnvironment = (signal: Signal, about: About): Opened<LogRecordProcessor> =>
  open<LogRecordProcessor>('LOGS', signal, about, {
    console: () => new SimpleLogRecordProcessor({ exporter: new ConsoleLogRecordExporter() }),
    otlp: (options) => otlpLogProcessor({ ...options, limits: limitsFromEnvironment('BLRP') }),
  })

export const metricReadersFromEnvironment = (signal: Signal, about: About): Opened<MetricReader> =>
  open<MetricReader>('METRICS', signal, about, {
    console: () => createMetricReader(new ConsoleMetricExporter()),
    otlp: (options) => {
      const exporter = otlpMetricExporter(options)
      const reader = createMetricReader(exporter)
      // The reader's own shutdown has no deadline.
      const shutdown = async (deadlineMs: number) => {
        exporter.export((await reader.collect()).resourceMetrics, () => {})
        await exporter.shutdown(deadlineMs)
      }
      return Object.assign(reader, { shutdown })
    },
  })

const open = <Part>(stream: OtlpStream, signal: Signal, about: About, makers: Makers<Part>): Opened<Part> => {
  const variable = `OTEL_${stream}_EXPORTER`
  const given = getStringListFromEnv(variable) ?? []
  const names = new Set(given.length > 0 ? given : stream === 'TRACES' ? ['otlp'] : [])
  const unknown = [...names].find((name) => !['console', 'otlp', 'none'].includes(name))
  if (unknown !== undefined) {
    throw new WrongEnvironment(`${variable} can be console, otlp or none, not "${unknown}".`)
  }
  const parts: ReturnType<Makers<Part>['otlp']>[] = []
  if (names.has('console')) parts.push(makers.console())
  if (names.has('otlp')) parts.push(makers.otlp(otlpOptions(stream, signal, about)))
  else signal.setDestination({ destination: null, because: `${variable} is ${given.join() || 'not set'}` })
  return {
    parts,
    close: async (deadlineMs) => {
      await Promise.allSettled(parts.map((part) => part.shutdown(deadlineMs)))
    },
  }
}

const otlpOptions = (stream: OtlpStream, signal: Signal, about: About) => {
  const protocol = protocolFromEnvironment(stream)
  const settings = otlpSettingsFromEnvironment(protocol, stream)
  signal.setDestination({ destination: settings.url, because: reasonOf(stream, settings.url, about) })
  return { signal, settings, protocol }
}

const reasonOf = (stream: OtlpStream, url: string, { hasKey }: About): string => {
  if (hasKey && /(^|\.)honeycomb\.io$/.test(new URL(url).hostname)) return 'HONEYCOMB_API_KEY is set'
  const names = [`OTEL_EXPORTER_OTLP_${stream}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT']
  const name = names.find((one) => getStringFromEnv(one) !== undefined)
  return name ? reasonFor(name) : 'no other endpoint is set'
}

const protocolFromEnvironment = (stream: OtlpStream): OtlpProtocol => {
  const protocol =
    getStringFromEnv(`OTEL_EXPORTER_OTLP_${stream}_PROTOCOL`) ??
    getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf'
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol
  throw new WrongEnvironment(`OTEL_EXPORTER_OTLP_PROTOCOL can be http/protobuf or http/json here, not "${protocol}".`)
}

// The variables of the SDK's batch processor, applied to our queue.
const limitsFromEnvironment = (processor: 'BSP' | 'BLRP') => {
  const limits = {
    items: getNumberFromEnv(`OTEL_${processor}_MAX_QUEUE_SIZE`),
    batchItems: getNumberFromEnv(`OTEL_${processor}_MAX_EXPORT_BATCH_SIZE`),
    lingerMs: getNumberFromEnv(`OTEL_${processor}_SCHEDULE_DELAY`),
    deadlineMs: getNumberFromEnv(`OTEL_${processor}_EXPORT_TIMEOUT`),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined && value > 0))
}
