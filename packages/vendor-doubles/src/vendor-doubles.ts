import { setTimeout as delay } from 'node:timers/promises'
import { createTls, type Tls } from './certificate.ts'
import { cloudWatchProtocol, type LogLine } from './cloudwatch.ts'
import { type HoneycombOptions, honeycombProtocol } from './honeycomb.ts'
import type { Fields, Refusal, VendorRequest } from './protocol.ts'
import { itemPath, type RollbarItem, type RollbarOptions, rollbarProtocol } from './rollbar.ts'
import { type ServerOptions, type SocketCount, startServer } from './server.ts'
import type { LogRecord, Span } from './span.ts'
import { type Segment, startDaemon, type XrayOptions } from './xray.ts'

type Start<Options = object> = Options & Omit<ServerOptions, 'received'>

/** Honeycomb on a port of its own. It keeps everything that it receives. */
export const startHoneycomb = async (options: Start<HoneycombOptions> = {}) => {
  const [spans, logRecords, kept] = [[] as Span[], [] as LogRecord[], newKept()]
  const sink = { span: pushTo(spans), logRecord: pushTo(logRecords), refused: pushTo(kept.refused) }
  const server = await startServer(honeycombProtocol(sink, options), { ...options, received: pushTo(kept.requests) })
  return Object.assign(server, kept, {
    spans: spans as readonly Span[],
    logRecords: logRecords as readonly LogRecord[],
    waitFor: waitFor(spans, ({ service, kind, name, traceId }) => `${service} ${kind} ${name} ${traceId}`),
    /** For the process that sends its spans here. */
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: server.url,
      ...(options.key && { OTEL_EXPORTER_OTLP_HEADERS: `x-honeycomb-team=${options.key}` }),
    },
  })
}

/** Rollbar on a port of its own. It keeps everything that it receives. */
export const startRollbar = async <Item extends Fields = RollbarItem>(options: Start<RollbarOptions> = {}) => {
  const [items, kept] = [[] as RollbarItem[], newKept()]
  const sink = { item: pushTo(items), refused: pushTo(kept.refused) }
  const server = await startServer(rollbarProtocol(sink, options), { ...options, received: pushTo(kept.requests) })
  const endpoint = server.url + itemPath
  return Object.assign(server, kept, {
    endpoint,
    items: items as readonly Fields[] as readonly Item[],
    waitFor: waitFor(items as Fields[] as Item[], (item) => JSON.stringify(item)),
    env: { ROLLBAR_ENDPOINT: endpoint, ROLLBAR_ACCESS_TOKEN: options.token ?? 'a-token' },
  })
}

/** CloudWatch Logs on a port of its own. It keeps everything that it receives. */
export const startCloudWatch = async (options: Start = {}) => {
  const [lines, kept] = [[] as LogLine[], newKept()]
  const protocol = cloudWatchProtocol({ line: pushTo(lines), refused: pushTo(kept.refused) })
  const server = await startServer(protocol, { ...options, received: pushTo(kept.requests) })
  return Object.assign(server, kept, {
    lines: lines as readonly LogLine[],
    waitFor: waitFor(lines, ({ message }) => message),
    env: { AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: server.url, AWS_REGION: 'us-east-1' },
  })
}

/** The X-Ray daemon on a port of its own. It keeps everything that it receives. */
export const startXray = async (options: Omit<XrayOptions, 'received' | 'tls'> = {}) => {
  const [segments, datagrams, kept] = [[] as Segment[], [] as Buffer[], newKept()]
  const segment = (one: Segment, datagram: Buffer) => {
    segments.push(one)
    datagrams.push(datagram)
  }
  const sink = { segment, refused: pushTo(kept.refused) }
  const server = await startDaemon(sink, { ...options, received: pushTo(kept.requests) })
  const address = `127.0.0.1:${server.port}`
  return Object.assign(server, kept, {
    address,
    segments: segments as readonly Segment[],
    datagrams: datagrams as readonly Buffer[],
    waitFor: waitFor(segments, ({ name, trace_id }) => `${name} ${trace_id}`),
    env: { AWS_XRAY_DAEMON_ADDRESS: address },
  })
}

type Options = {
  readonly honeycomb?: HoneycombOptions
  readonly rollbar?: RollbarOptions
  readonly xray?: Pick<XrayOptions, 'rules'>
  /** All vendors except the X-Ray daemon, which never speaks TLS. `ca` is what the sender has to trust. */
  readonly tls?: boolean
}

/** Honeycomb, X-Ray, Rollbar and CloudWatch Logs, each on a free port of this machine. */
export const startVendorDoubles = async (options: Options = {}) => {
  const allSockets: SocketCount = { open: 0, mostOpen: 0 }
  const tls: Tls | undefined = options.tls ? createTls() : undefined
  const honeycomb = await startHoneycomb({ ...options.honeycomb, tls, allSockets })
  const rollbar = await startRollbar({ ...options.rollbar, tls, allSockets })
  const cloudwatch = await startCloudWatch({ tls, allSockets })
  const xray = await startXray({ ...options.xray, allSockets })
  const vendors = { honeycomb, xray, rollbar, cloudwatch }
  return {
    ...vendors,
    sockets: allSockets,
    ca: tls?.trusted.cert ?? null,
    /** For the process that sends its telemetry here. */
    env: { ...honeycomb.env, ...xray.env, ...rollbar.env, ...cloudwatch.env } as Record<string, string>,
    stop: async () => {
      await Promise.all(Object.values(vendors).map((vendor) => vendor.stop()))
    },
  }
}

const pushTo =
  <T>(list: T[]) =>
  (one: T): void =>
    void list.push(one)

const newKept = () => ({
  /** Each request whose body has arrived, even if it was refused. */
  requests: [] as VendorRequest[],
  refused: [] as Refusal[],
})

const waitFor =
  <T>(received: readonly T[], draw: (one: T) => string) =>
  /** Waits until `isEnough` returns true. */
  async (isEnough: (received: readonly T[]) => boolean, timeoutMs = 30_000): Promise<readonly T[]> => {
    for (const endsAt = performance.now() + timeoutMs; !isEnough(received); await delay(10)) {
      if (performance.now() < endsAt) continue
      throw new Error(`not within ${timeoutMs} ms. What came last:\n${received.slice(-20).map(draw).join('\n')}`)
    }
    return received
  }
