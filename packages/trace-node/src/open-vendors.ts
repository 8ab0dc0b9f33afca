import type { IncomingMessage } from 'node:http'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { getStringFromEnv } from '@opentelemetry/core'
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs'
import type { MetricReader } from '@opentelemetry/sdk-metrics'
import { recordable, textOf } from './clean-error.ts'
import { crashHandler } from './crash.ts'
import { createLog, createWarn, type Log, type LogSink, type Warn } from './logger.ts'
import { type About, deploymentOf } from './resource.ts'
import type { Settings } from './settings.ts'
import { keepTraces } from './spans/held-traces.ts'
import { limitRefusals } from './spans/refused-traces.ts'
import type { Odds } from './spans/sampler.ts'
import { scrubErrors } from './spans/span-processors.ts'
import { unfinishedSpans } from './spans/unfinished-spans.ts'
import { logsOverOtlp, xrayOverOtlp } from './vendors/aws-otlp.ts'
import { createCloudWatch } from './vendors/cloudwatch.ts'
import {
  logProcessorsFromEnvironment,
  metricReadersFromEnvironment,
  spanProcessorsFromEnvironment,
} from './vendors/exporters.ts'
import { notReported } from './vendors/faults.ts'
import { createHoneycomb, type Honeycomb, honeycombApiOf, honeycombUiOf } from './vendors/honeycomb.ts'
import type { LogAttributes } from './vendors/otlp-logs.ts'
import { otlpLines } from './vendors/otlp-logs.ts'
import { createRollbar, rollbarEndpoint } from './vendors/rollbar.ts'
import { createSignal, reasonFor, type Signal } from './vendors/signal.ts'
import { createXray } from './vendors/xray.ts'
import { parseDaemonAddress } from './vendors/xray-daemon.ts'
import type { SegmentMetadata } from './vendors/xray-document.ts'
import { useVendors } from './vendors.ts'

/** The application's own settings. All others come from the environment. */
export type ApplicationOptions = {
  readonly service: string
  /** The version of the build, unless SERVICE_VERSION or OTEL_RESOURCE_ATTRIBUTES sets it. */
  readonly version?: string
  /** Requests that get no span and no line in the log, such as the probes of a load balancer. */
  readonly untraced?: (request: IncomingMessage) => boolean
  /** The attribute of an OTLP log record for each log field of the application. */
  readonly logAttributes?: LogAttributes
  /** Attributes that an X-Ray segment also carries as metadata, by the name of the metadata. */
  readonly segmentMetadata?: SegmentMetadata
  /** The log group in CloudWatch, unless CLOUDWATCH_LOG_GROUP names one. Without a group nothing is sent there. */
  readonly logGroup?: string
}

/** Everything that is known about this process before its vendors are opened. */
export type Setting = { readonly application: ApplicationOptions; readonly settings: Settings; readonly about: About }

type Opened = {
  readonly logRecords: readonly LogRecordProcessor[]
  readonly metricReaders: readonly MetricReader[]
}

const crashDeadlineMs = 2_000
const mostOpenTraces = 20

/** Writes warnings about telemetry. */
export const warnOf = (setting: Setting): Warn => createWarn(logOptionsOf(setting))

/** Opens every vendor that the environment names, each with its account. */
export const openVendors = (setting: Setting, odds: Odds, warn: Warn): Opened => {
  const { application, settings, about } = setting
  const { service } = application
  const spans = openOtlp('spans', spanProcessorsFromEnvironment, settings, warn)
  const browserSpans = openOtlp('browser spans', spanProcessorsFromEnvironment, settings, warn)
  const logRecords = openOtlp('OTLP log records', logProcessorsFromEnvironment, settings, warn)
  const metrics = openOtlp('metrics', metricReadersFromEnvironment, settings, warn)
  const xray = openXray(setting, warn)
  const rollbar = openRollbar(setting, warn)
  const logs = openLogs(setting, warn, logRecords.parts.length > 0)
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
  const honeycomb = openHoneycomb(setting, log)
  useVendors({
    service,
    log,
    faults,
    signals,
    traces,
    honeycombPlace: honeycomb.place,
    version: about.version,
    deployment: deploymentOf(about),
    untraced: application.untraced ?? (() => false),
    warnOfGap: () => {},
    close: async (deadlineMs) => {
      honeycomb.close()
      await close(deadlineMs)
    },
  })

  process.on(
    'uncaughtException',
    crashHandler({
      isFatal,
      report: (error, origin) => {
        const text = textOf(error)
        const openTraces = unfinishedSpans.traceIds(mostOpenTraces).join(' ')
        const span = trace.getActiveSpan()
        span?.recordException(error instanceof Error ? recordable(error) : text)
        span?.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : text })
        const uuid = faults.report({ error, level: 'critical', custom: { origin, open_traces: openTraces } })
        log.error(isFatal() ? 'the process crashed' : 'an error was not caught', {
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
  return { logRecords: [...logRecords.parts, ...logs.records], metricReaders: metrics.parts }
}

/** An application with its own handler decides whether it continues. */
const isFatal = () => process.listenerCount('uncaughtException') === 1

const logOptionsOf = ({ application, settings, about }: Setting) => ({
  service: getStringFromEnv('OTEL_SERVICE_NAME') ?? application.service,
  environment: about.environment,
  readable: settings.readableLog,
})

const openOtlp = <Opened extends object>(
  name: string,
  fromEnvironment: (signal: Signal, about: { hasKey: boolean }) => Opened,
  { honeycomb: { key } }: Settings,
  warn: Warn,
) => {
  const signal = createSignal({ name, destination: null, because: '', warn })
  return { signal, ...fromEnvironment(signal, { hasKey: key !== undefined }) }
}

const openHoneycomb = (
  { application: { service }, settings, about }: Setting,
  log: Log,
): Pick<Honeycomb, 'place' | 'close'> => {
  const { key, team, environment, marker } = settings.honeycomb
  if (!key) return { place: () => null, close: () => {} }
  const otlp = 'OTEL_EXPORTER_OTLP'
  const endpoint = getStringFromEnv(`${otlp}_TRACES_ENDPOINT`) ?? getStringFromEnv(`${otlp}_ENDPOINT`)
  const headers = getStringFromEnv(`${otlp}_TRACES_HEADERS`) ?? getStringFromEnv(`${otlp}_HEADERS`) ?? ''
  const api = honeycombApiOf(settings.honeycomb.api, endpoint)
  const dataset = /(?:^|,)\s*x-honeycomb-dataset\s*=\s*([^,\s]+)/i.exec(headers)?.[1] ?? service
  const honeycomb = createHoneycomb({ api, key, dataset, say: log.warn })
  if (marker) void honeycomb.markDeploy(`${service} ${about.version}`)
  if (team) return { ...honeycomb, place: () => ({ ui: honeycombUiOf(api), team, environment }) }
  if (!settings.traceLinkTemplate) void honeycomb.findPlace()
  return honeycomb
}

const openXray = ({ application, settings }: Setting, warn: Warn) => {
  const { road, daemonAddress: address, hostPattern } = settings.xray
  if (road === 'otlp') {
    const signal = createSignal({ name: 'segments', destination: null, because: '', warn })
    const { server, browser, close } = xrayOverOtlp(signal, settings.xray)
    return { signal, server: [server], browser: [browser], close }
  }
  if (!address) return { signal: off('segments', 'AWS_XRAY_DAEMON_ADDRESS is not set'), ...nowhere }
  const daemon = parseDaemonAddress(address)
  const signal = createSignal({
    name: 'segments',
    destination: `udp://${daemon.udp.host}:${daemon.udp.port}`,
    because: reasonFor('AWS_XRAY_DAEMON_ADDRESS'),
    warn,
  })
  const { service, segmentMetadata: metadata = {} } = application
  const { server, browser, close } = createXray({ signal, daemon, hostPattern, service, metadata })
  return { signal, server: [server], browser: [browser], close }
}

const openRollbar = ({ settings, about: { version, environment } }: Setting, warn: Warn) => {
  const { accessToken, endpoint = rollbarEndpoint, itemsPerMinute } = settings.rollbar
  if (!accessToken) {
    return { signal: off('faults', 'ROLLBAR_ACCESS_TOKEN is not set'), faults: notReported, close: notReported.close }
  }
  const because = settings.rollbar.endpoint ? reasonFor('ROLLBAR_ENDPOINT') : 'ROLLBAR_ACCESS_TOKEN is set'
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

const openLogs = (setting: Setting, warn: Warn, hasRecords: boolean) => {
  const { application, settings } = setting
  const { service, logAttributes: attributes = {} } = application
  const records = otlpLines({ service, attributes })
  const logOf = (...sinks: LogSink[]) => createLog({ ...logOptionsOf(setting), sinks })
  const besides = hasRecords ? [records] : []
  const logGroup = settings.logGroup ?? application.logGroup
  if (logGroup === undefined) {
    return { signal: off('log lines', 'CLOUDWATCH_LOG_GROUP is not set'), log: logOf(...besides), ...noRecords }
  }
  const because = 'the AWS SDK is looking for an address'
  const signal = createSignal({ name: 'log lines', destination: null, because, warn })
  if (settings.cloudWatch.road === 'otlp') {
    const processor = logsOverOtlp(signal, {
      ...settings.cloudWatch,
      logGroup,
      logStream: logOptionsOf(setting).service,
    })
    return { signal, log: logOf(records), records: [processor], close: (ms: number) => processor.shutdown(ms) }
  }
  const { write, close } = createCloudWatch({ signal, logGroup })
  return { signal, log: logOf(write, ...besides), records: [], close }
}

const noRecords = { records: [], close: async () => {} }
const nowhere = { server: [], browser: [], close: async () => {} }

const off = (name: string, because: string): Signal => createSignal({ name, destination: null, because })
