import { getNumberFromEnv, getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core'
import { ConsoleSpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace'
import { type OtlpProtocol, OtlpSpanProcessor, otlpSettingsFromEnvironment } from './otlp.ts'
import { type Signal, setAtStart } from './signal.ts'

type About = { readonly hasKey: boolean }

type SpanExporters = {
  readonly processors: readonly SpanProcessor[]
  readonly close: (deadlineMs: number) => Promise<void>
}

/**
 * What OTEL_TRACES_EXPORTER and its companions ask for; every call makes queues of its own. The SDK does the same for
 * the spans of this process, but does not share the result: the relay's spans need it as well.
 */
export const spanProcessorsFromEnvironment = (signal: Signal, about: About): SpanExporters => {
  const names = getStringListFromEnv('OTEL_TRACES_EXPORTER') ?? []
  const made = [...new Set(names.length > 0 ? names : ['otlp'])].map((name) => exporterFor(name, signal, about))
  if (!names.includes('otlp') && names.length > 0) {
    signal.goes({ destination: null, because: `OTEL_TRACES_EXPORTER is ${names.join()}` })
  }
  return {
    processors: made.flatMap(({ processors }) => processors),
    close: async (deadlineMs) => {
      await Promise.allSettled(made.map(({ close }) => close(deadlineMs)))
    },
  }
}

const exporterFor = (name: string, signal: Signal, about: About): SpanExporters => {
  if (name === 'none') return { processors: [], close: async () => {} }
  if (name === 'console') {
    const processor = new SimpleSpanProcessor({ exporter: new ConsoleSpanExporter() })
    return { processors: [processor], close: () => processor.shutdown() }
  }
  if (name === 'otlp') return otlp(signal, about)
  throw new WrongTelemetry(`OTEL_TRACES_EXPORTER knows console, otlp and none, not "${name}".`)
}

const otlp = (signal: Signal, about: About): SpanExporters => {
  const protocol = protocolFromEnvironment()
  const settings = otlpSettingsFromEnvironment(protocol)
  signal.goes({ destination: settings.url, because: reasonFor(settings.url, about) })
  const processor = new OtlpSpanProcessor({ signal, settings, protocol, limits: limitsFromEnvironment() })
  return { processors: [processor], close: (deadlineMs) => processor.shutdown(deadlineMs) }
}

const reasonFor = (url: string, { hasKey }: About): string => {
  if (hasKey && /(^|\.)honeycomb\.io$/.test(new URL(url).hostname)) return 'HONEYCOMB_API_KEY is set'
  const names = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT']
  const name = names.find((one) => getStringFromEnv(one) !== undefined)
  return name ? setAtStart(name) : 'no other endpoint is set'
}

const protocolFromEnvironment = (): OtlpProtocol => {
  const protocol =
    getStringFromEnv('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ??
    getStringFromEnv('OTEL_EXPORTER_OTLP_PROTOCOL') ??
    'http/protobuf'
  if (protocol === 'http/protobuf' || protocol === 'http/json') return protocol
  throw new WrongTelemetry(`OTEL_EXPORTER_OTLP_PROTOCOL can be http/protobuf or http/json here, not "${protocol}".`)
}

// The names of the SDK's batch processor, for what they mean here.
const limitsFromEnvironment = () => {
  const limits = {
    items: getNumberFromEnv('OTEL_BSP_MAX_QUEUE_SIZE'),
    batchItems: getNumberFromEnv('OTEL_BSP_MAX_EXPORT_BATCH_SIZE'),
    lingerMs: getNumberFromEnv('OTEL_BSP_SCHEDULE_DELAY'),
    deadlineMs: getNumberFromEnv('OTEL_BSP_EXPORT_TIMEOUT'),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined && value > 0))
}

export class WrongTelemetry extends Error {}
