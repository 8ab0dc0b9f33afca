import { type Collector, startCollector } from './collector.ts'
import { eventually } from './eventually.ts'
import { type ItemCollector, startItemCollector } from './item-collector.ts'
import { type LogListener, startLogListener } from './log-listener.ts'
import { everythingRule, startXrayListener, type XrayListener } from './x-ray-listener.ts'

export type FourVendors = {
  collector: Collector
  xray: XrayListener
  rollbar: ItemCollector
  logs: LogListener
  /** What makes the product tell all four. */
  env: Record<string, string>
  /** All that arrived anywhere, as text. */
  everything: () => Record<'spans' | 'records' | 'metrics' | 'segments' | 'items' | 'lines', string>
  stop: () => Promise<void>
}

const token = 'a-token-of-the-server'

/** Honeycomb, X-Ray, Rollbar and CloudWatch, each on a port of the system's choice. */
export const startFourVendors = async (): Promise<FourVendors> => {
  const [collector, xray, rollbar, logs] = await Promise.all([
    startCollector(),
    startXrayListener(),
    startItemCollector(token),
    startLogListener(),
  ])
  const posted = (path: string): string =>
    collector.requests
      .filter((request) => request.path === path)
      .map(({ headers, body }) => JSON.stringify(headers) + body)
      .join('\n')
  return {
    collector,
    xray,
    rollbar,
    logs,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      AWS_XRAY_DAEMON_ADDRESS: xray.address,
      ROLLBAR_ACCESS_TOKEN: token,
      ROLLBAR_ENDPOINT: rollbar.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: logs.url,
    },
    everything: () => ({
      spans: posted('/v1/traces'),
      records: posted('/v1/logs'),
      metrics: posted('/v1/metrics'),
      segments: [...xray.datagrams.map(String), ...xray.questions].join('\n'),
      items: rollbar.bodies.join('\n'),
      lines: logs.bodies.join('\n'),
    }),
    stop: async () => {
      await Promise.all([collector, xray, rollbar, logs].map((vendor) => vendor.stop()))
    },
  }
}

/** Until the backend has heard of it, its own rule lets only some requests pass. */
export const untilAllIsSampled = async ({ xray }: FourVendors, backendUrl: string): Promise<void> => {
  await eventually(async () => {
    await (await fetch(`${backendUrl}/api/activities/home`)).arrayBuffer()
    return xray.nodes().some(({ rule }) => rule === everythingRule)
  })
}
