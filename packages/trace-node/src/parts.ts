import type { ReadableSpan, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace'
import { settingsFrom } from './settings.ts'
import { keepTraces } from './spans/held-traces.ts'
import { oddsOf, samplerOf } from './spans/sampler.ts'
import { onSpanEnd } from './spans/span-processors.ts'
import { xrayOverOtlp } from './vendors/aws-otlp.ts'
import { spanProcessorsFromEnvironment } from './vendors/exporters.ts'
import { reportedOnce, reportSpanFaults } from './vendors/fault-spans.ts'
import { createRollbar, rollbarEndpoint } from './vendors/rollbar.ts'
import { createSignal, type Signal } from './vendors/signal.ts'
import { createXray } from './vendors/xray.ts'
import { parseDaemonAddress } from './vendors/xray-daemon.ts'
import type { SegmentMetadata } from './vendors/xray-document.ts'
import { useVendors, vendors } from './vendors.ts'

export { isUntraced } from './requests/untraced-requests.ts'
export { copyUser, redactRequests, scrubErrors } from './spans/span-processors.ts'
export { summaryOf } from './spans/sql-names.ts'
export { TraceContextPropagator } from './spans/trace-context.ts'
export { copyVisit, currentVisitId, VisitPropagator } from './spans/visit.ts'

// For an application that has its own NodeSDK or TracerProvider. Each part stands alone, and has an account in `signals()`.

const deadlineMs = 5_000

const accountOf = (name: string, destination: string): Signal => {
  const signal = createSignal({ name, destination, because: 'the application uses this part' })
  useVendors({ ...vendors(), signals: [...vendors().signals, signal] })
  return signal
}

/** To OTEL_EXPORTER_OTLP_*, through a bounded queue. It replaces a BatchSpanProcessor with its exporter. */
export const otlpProcessor = ({ name = 'spans' } = {}): SpanProcessor => {
  const { parts, close } = spanProcessorsFromEnvironment(accountOf(name, ''), { hasKey: false })
  return {
    ...onSpanEnd((span) => {
      for (const part of parts) part.onEnd(span)
    }),
    forceFlush: async () => void (await Promise.all(parts.map((part) => part.forceFlush()))),
    shutdown: () => close(deadlineMs),
  }
}

type XrayOptions = {
  readonly service: string
  /** AWS_XRAY_DAEMON_ADDRESS, unless it is given. */
  readonly daemonAddress?: string
  readonly hostPattern?: string
  readonly metadata?: SegmentMetadata
}

/** Sends the ended spans of each request to the X-Ray daemon, as one segment; or each span to X-Ray itself. */
export const xrayProcessor = ({ daemonAddress, ...options }: XrayOptions): SpanProcessor => {
  const { xray: settings } = settingsFrom(process.env)
  if (settings.road === 'otlp') return xrayOverOtlp(accountOf('segments', ''), settings).server
  const address = daemonAddress ?? settings.daemonAddress ?? '127.0.0.1:2000'
  const daemon = parseDaemonAddress(address)
  const xray = createXray({ ...options, signal: accountOf('segments', `udp://${address}`), daemon })
  return {
    ...onSpanEnd((span) => xray.server.onEnd(span)),
    forceFlush: async () => void (await xray.flush(deadlineMs)),
    shutdown: () => xray.close(deadlineMs),
  }
}

type RollbarOptions = {
  /** ROLLBAR_ACCESS_TOKEN, unless it is given. */
  readonly accessToken?: string
  readonly environment?: string
  readonly version?: string
}

/** Reports the exceptions that spans record to Rollbar, with the ids of the span. `faults()` then uses it too. */
export const faultProcessor = (options: RollbarOptions = {}): SpanProcessor => {
  const { rollbar, environment, version } = settingsFrom(process.env)
  const endpoint = rollbar.endpoint ?? rollbarEndpoint
  const rollbarFaults = createRollbar({
    signal: accountOf('faults', endpoint),
    accessToken: options.accessToken ?? rollbar.accessToken ?? '',
    endpoint,
    environment: options.environment ?? environment,
    codeVersion: options.version ?? version ?? vendors().version,
    itemsPerMinute: rollbar.itemsPerMinute,
  })
  const faults = reportedOnce(rollbarFaults)
  useVendors({ ...vendors(), faults })
  return {
    ...onSpanEnd(reportSpanFaults(faults)),
    forceFlush: async () => void (await faults.flush(deadlineMs)),
    shutdown: () => faults.close(deadlineMs),
  }
}

type TailSampling = {
  /** The share of traces to keep, in addition to those that failed or were slow. */
  readonly ratio: number
  /** The same in every process, so that they keep the same traces. */
  readonly key?: string
  /** They get the spans of the traces that are kept, each with its `SampleRate`. */
  readonly processors: readonly SpanProcessor[]
}

/** Decides about a trace when it has ended. Use both of its parts. */
export const tailSampling = ({
  ratio,
  key,
  processors,
}: TailSampling): { sampler: Sampler; processor: SpanProcessor } => {
  const odds = oddsOf(ratio, key)
  const output = { signal: accountOf('held spans', 'the next processors'), processors }
  const traces = keepTraces(odds, { server: output, browser: output })
  return {
    sampler: samplerOf(odds),
    processor: {
      ...traces.server,
      forceFlush: async () => void (await Promise.all(processors.map((one) => one.forceFlush()))),
      shutdown: async () => {
        await traces.close(deadlineMs)
        await Promise.all(processors.map((one) => one.shutdown()))
      },
    },
  }
}

/** For `relay({ accept })`: gives the spans of pages to the processors of the application. */
export const passTo =
  (...processors: readonly SpanProcessor[]) =>
  (spans: readonly ReadableSpan[]): void => {
    for (const span of spans) for (const processor of processors) processor.onEnd(span)
  }
