import { serviceName } from '@cruddur/shared/telemetry'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { getStringFromEnv } from '@opentelemetry/core'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { MetricReader } from '@opentelemetry/sdk-metrics'
import type winston from 'winston'
import type { TelemetryEnv } from '../env.ts'
import { createCloudWatch } from './cloudwatch.ts'
import { crashHandler } from './crash.ts'
import {
  logProcessorsFromEnvironment,
  metricReadersFromEnvironment,
  spanProcessorsFromEnvironment,
} from './exporters.ts'
import { notReported } from './faults.ts'
import { keepTraces } from './held-traces.ts'
import { createHoneycomb, type Honeycomb, honeycombApiOf, honeycombUiOf } from './honeycomb.ts'
import { createLog, createWarn, type Log, type Warn } from './logger.ts'
import { createOtlpTransport } from './otlp-logs.ts'
import { limitRefusals } from './refused-traces.ts'
import { type About, deploymentOf } from './resource.ts'
import { createRollbar, rollbarEndpoint } from './rollbar.ts'
import type { Odds } from './sampler.ts'
import { createSignal, reasonFor, type Signal } from './signal.ts'
import { scrubErrors } from './span-processors.ts'
import { unfinishedSpans } from './unfinished-spans.ts'
import { useVendors } from './vendors.ts'
import { createXray } from './xray.ts'
import { parseDaemonAddress } from './xray-daemon.ts'

type Opened = {
  readonly logRecords: readonly LogRecordProcessor[]
  readonly metricReaders: readonly MetricReader[]
}

const crashDeadlineMs = 2_000
const mostOpenTraces = 20

/** Writes warnings about telemetry. */
export const warnOf = (env: TelemetryEnv, about: About): Warn => createWarn(logOptionsOf(env, about))

/** Opens every vendor that the environment names, each with its account. */
export const openVendors = (env: TelemetryEnv, about: About, odds: Odds, warn: Warn): Opened => {
  const spans = openOtlp('spans', spanProcessorsFromEnvironment, env, warn)
  const browserSpans = openOtlp('browser spans', spanProcessorsFromEnvironment, env, warn)
  const logRecords = openOtlp('OTLP log records', logProcessorsFromEnvironment, env, warn)
  const metrics = openOtlp('metrics', metricReadersFromEnvironment, env, warn)
  const xray = openXray(env, warn)
  const rollbar = openRollbar(env, about, warn)
  const logs = openLogs(env, about, warn, logRecords.parts.length > 0 ? [createOtlpTransport()] : [])
  const streams = [spans, browserSpans, xray, rollbar, logs, logRecords, metrics]
  const signals = streams.map(({ signal }) => signal)
  // Two queues: a flood of browser spans cannot push out the server's.
  const kept = keepTraces(odds, {
    server: { signal: spans.signal, processors: [...spans.parts, ...xray.server] },
    browser: {
      signal: browserSpans.signal,
      processors: [scrubErrors, ...browserSpans.parts, ...xray.browser],
    },
  })
  const traces = limitRefusals(kept, { server: spans.signal, browser: browserSpans.signal })
  const close = async (deadlineMs: number) => {
    await traces.close(deadlineMs)
    await Promise.allSettled(streams.map((stream) => stream.close(deadlineMs)))
  }
  const { log } = logs
  const { faults } = rollbar
  const honeycomb = openHoneycomb(env, about.version, log)
  useVendors({
    log,
    faults,
    signals,
    traces,
    honeycombPlace: honeycomb.place,
    version: about.version,
    deployment: deploymentOf(about),
    close: async (deadlineMs) => {
      honeycomb.close()
      await close(deadlineMs)
    },
  })

  process.on(
    'uncaughtException',
    crashHandler({
      report: (error, origin) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        const openTraces = unfinishedSpans.traceIds(mostOpenTraces).join(' ')
        const span = trace.getActiveSpan()
        span?.recordException(error instanceof Error ? error : text)
        span?.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : text })
        const uuid = faults.report({ error, level: 'critical', custom: { origin, open_traces: openTraces } })
        log.error('the process crashed', {
          error: text,
          origin,
          open_traces: openTraces,
          rollbar_uuid: uuid ?? undefined,
        })
      },
      endSpans: () => unfinishedSpans.endAll('crash'),
      flush: close,
      deadlineMs: crashDeadlineMs,
    }),
  )
  return { logRecords: logRecords.parts, metricReaders: metrics.parts }
}

const logOptionsOf = ({ LOG_FORMAT }: TelemetryEnv, { environment }: About) => ({
  service: getStringFromEnv('OTEL_SERVICE_NAME') ?? serviceName.backend,
  environment,
  readable: LOG_FORMAT === undefined ? process.stdout.isTTY === true : LOG_FORMAT === 'readable',
})

const openOtlp = <Opened extends object>(
  name: string,
  fromEnvironment: (signal: Signal, about: { hasKey: boolean }) => Opened,
  { HONEYCOMB_API_KEY: key }: TelemetryEnv,
  warn: Warn,
) => {
  const signal = createSignal({ name, destination: null, because: '', warn })
  return { signal, ...fromEnvironment(signal, { hasKey: key !== undefined }) }
}

const openHoneycomb = (env: TelemetryEnv, version: string, log: Log): Pick<Honeycomb, 'place' | 'close'> => {
  const { HONEYCOMB_API_KEY: key, HONEYCOMB_TEAM: team, HONEYCOMB_ENVIRONMENT: environment } = env
  if (!key) return { place: () => null, close: () => {} }
  const otlp = 'OTEL_EXPORTER_OTLP'
  const endpoint = getStringFromEnv(`${otlp}_TRACES_ENDPOINT`) ?? getStringFromEnv(`${otlp}_ENDPOINT`)
  const headers = getStringFromEnv(`${otlp}_TRACES_HEADERS`) ?? getStringFromEnv(`${otlp}_HEADERS`) ?? ''
  const api = honeycombApiOf(env.HONEYCOMB_API_ENDPOINT, endpoint)
  const dataset = /(?:^|,)\s*x-honeycomb-dataset\s*=\s*([^,\s]+)/i.exec(headers)?.[1] ?? serviceName.backend
  const honeycomb = createHoneycomb({ api, key, dataset, say: log.warn })
  if (env.HONEYCOMB_MARKER) void honeycomb.markDeploy(version)
  if (team) return { ...honeycomb, place: () => ({ ui: honeycombUiOf(api), team, environment }) }
  if (!env.TRACE_LINK_TEMPLATE) void honeycomb.findPlace()
  return honeycomb
}

const openXray = ({ AWS_XRAY_DAEMON_ADDRESS: address, AWS_XRAY_URL: hostPattern }: TelemetryEnv, warn: Warn) => {
  if (!address) return { signal: off('segments', 'AWS_XRAY_DAEMON_ADDRESS is not set'), ...nowhere }
  const daemon = parseDaemonAddress(address)
  const signal = createSignal({
    name: 'segments',
    destination: `udp://${daemon.udp.host}:${daemon.udp.port}`,
    because: reasonFor('AWS_XRAY_DAEMON_ADDRESS'),
    warn,
  })
  const { server, browser, close } = createXray({ signal, daemon, hostPattern })
  return { signal, server: [server], browser: [browser], close }
}

const openRollbar = (
  { ROLLBAR_ACCESS_TOKEN: accessToken, ROLLBAR_ENDPOINT, ROLLBAR_ITEMS_PER_MINUTE: itemsPerMinute }: TelemetryEnv,
  { version, environment }: About,
  warn: Warn,
) => {
  if (!accessToken) {
    return { signal: off('faults', 'ROLLBAR_ACCESS_TOKEN is not set'), faults: notReported, close: notReported.close }
  }
  const endpoint = ROLLBAR_ENDPOINT ?? rollbarEndpoint
  const because = ROLLBAR_ENDPOINT ? reasonFor('ROLLBAR_ENDPOINT') : 'ROLLBAR_ACCESS_TOKEN is set'
  const signal = createSignal({ name: 'faults', destination: endpoint, because, warn })
  const faults = createRollbar({
    signal,
    accessToken,
    endpoint,
    environment,
    codeVersion: version,
    itemsPerMinute,
  })
  return { signal, faults, close: faults.close }
}

const openLogs = (env: TelemetryEnv, about: About, warn: Warn, besides: readonly winston.transport[]) => {
  const signal = createSignal({
    name: 'log lines',
    destination: null,
    because: 'the AWS SDK is looking for an address',
    warn,
  })
  const cloudWatch = createCloudWatch({ signal, logGroup: env.CLOUDWATCH_LOG_GROUP })
  const log = createLog({ ...logOptionsOf(env, about), transports: [cloudWatch.transport, ...besides] })
  return { signal, log, close: cloudWatch.close }
}

const nowhere = { server: [], browser: [], close: async () => {} }

const off = (name: string, because: string): Signal => createSignal({ name, destination: null, because })
