import type http from 'node:http'
import { TraceFlags } from '@opentelemetry/api'
import { convertLegacyHttpOptions } from '@opentelemetry/otlp-exporter-base/node-http'
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import {
  createExportQueue,
  type ExportQueue,
  type ExportQueueLimits,
  type ExportQueueOptions,
  type Outcome,
} from './export-queue.ts'
import { traceRequestOf } from './otlp-bytes.ts'
import { limited, outcomeOf, post } from './post.ts'
import type { Signal } from './signal.ts'

/** Returns the headers with a signature over them and the body. */
export type Sign = (request: {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}) => Promise<Record<string, string>>

export type OtlpSettings = {
  readonly url: string
  readonly headers: () => Promise<Record<string, string>>
  readonly compression: 'gzip' | 'none'
  readonly timeoutMillis: number
  readonly agentFactory: (protocol: string) => http.Agent | Promise<http.Agent>
  readonly sign?: Sign
}

export type OtlpProtocol = 'http/protobuf' | 'http/json'
/** As in OTEL_EXPORTER_OTLP_LOGS_ENDPOINT. */
export type OtlpStream = 'TRACES' | 'LOGS' | 'METRICS'

export type OtlpOptions<Item = unknown> = {
  readonly signal: Signal
  readonly settings: OtlpSettings
  readonly protocol?: OtlpProtocol
  readonly limits?: Partial<ExportQueueLimits>
  readonly backoff?: ExportQueueOptions<Item>['backoff']
}

export type Encoding<Item> = {
  readonly encode: (items: Item[], protocol: OtlpProtocol) => Uint8Array | undefined
  readonly resourceOf?: (item: Item) => Resource
}

const contentType = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' } as const
const serializer = { 'http/protobuf': ProtobufTraceSerializer, 'http/json': JsonTraceSerializer } as const

// Two queues of spans, the server's and the browsers', may each hold this much.
const otlpLimits: ExportQueueLimits = {
  items: 4_096,
  bytes: 6 * 1024 * 1024,
  itemBytes: 512 * 1024,
  batchItems: 512,
  batchBytes: 2 * 1024 * 1024,
  ageMs: 5 * 60_000,
  attempts: 12,
  inFlight: 2,
  deadlineMs: 5_000,
  lingerMs: 1_000,
}

const temporary = new Set([429, 502, 503, 504])
const agents = new Map<string, http.Agent>()

/** Endpoint, headers, compression, timeout and certificates, as the SDK reads them from OTEL_EXPORTER_OTLP_*. */
export const otlpSettingsFromEnvironment = (
  protocol: OtlpProtocol = 'http/protobuf',
  stream: OtlpStream = 'TRACES',
): OtlpSettings =>
  convertLegacyHttpOptions({}, stream, `v1/${stream.toLowerCase()}`, { 'Content-Type': contentType[protocol] })

/**
 * The queue to an OTLP endpoint. The SDK provides the encoding and the address. Its exporter is not used, because its
 * timeout counts idle time only, it drops a batch whose Retry-After exceeds that timeout, and it counts no drops.
 */
export const createOtlpQueue = <Item>(
  { signal, settings, protocol = 'http/protobuf', limits, backoff }: OtlpOptions<Item>,
  encoding: Encoding<Item>,
): ExportQueue<Item> =>
  createExportQueue<Item>({
    signal,
    limits: { ...otlpLimits, deadlineMs: Math.min(otlpLimits.deadlineMs, settings.timeoutMillis), ...limits },
    ...(backoff && { backoff }),
    send: (items, abort) => send(items, encoding, { settings, protocol, abort }),
  })

/** How a processor or exporter of the SDK flushes and closes its queue. */
export const endOf = (queue: ExportQueue<never>) => ({
  forceFlush: async () => {
    await queue.flush(otlpLimits.deadlineMs)
  },
  shutdown: (deadlineMs: number = otlpLimits.deadlineMs) => queue.close(deadlineMs),
})

export const otlpSpanProcessor = (options: OtlpOptions<ReadableSpan>) => {
  const queue = createOtlpQueue(options, {
    encode: (spans: ReadableSpan[], protocol) =>
      protocol === 'http/json' ? JsonTraceSerializer.serializeRequest(spans) : traceRequestOf(spans),
    resourceOf: ({ resource }) => resource,
  })
  return {
    onStart: () => {},
    onEnd: (span: ReadableSpan) => {
      if (span.spanContext().traceFlags & TraceFlags.SAMPLED) queue.add(span, bytesOfSpan(span))
    },
    ...endOf(queue),
  } satisfies SpanProcessor
}

type Sending = { readonly settings: OtlpSettings; readonly protocol: OtlpProtocol; readonly abort: AbortSignal }

const send = async <Item>(
  items: readonly Item[],
  { encode, resourceOf }: Encoding<Item>,
  { settings, protocol, abort }: Sending,
): Promise<Outcome> => {
  // The first items wait until the detectors of their resource are done.
  if (resourceOf) await Promise.all([...new Set(items.map(resourceOf))].map(waitFor))
  const body = encode([...items], protocol)
  if (!body) return { kind: 'lost', reason: 'unsendable', error: 'the items could not be encoded' }
  const { url, sign } = settings
  const headers = {
    'User-Agent': '@cruddur/trace-node',
    ...(await settings.headers()),
    'Content-Type': contentType[protocol],
  }
  const answer = await post({
    url,
    agent: await agentOf(settings),
    headers: sign ? await sign({ url, headers, body }) : headers,
    body,
    gzip: settings.compression === 'gzip',
    abort,
  })
  const outcome = outcomeOf(answer, (status) => temporary.has(status))
  return outcome.kind === 'delivered' ? { ...outcome, ...refusedIn(answer.body, protocol) } : outcome
}

const waitFor = async (resource: Resource) => {
  if (resource.asyncAttributesPending) await resource.waitForAsyncAttributes?.()
}

// All streams to one vendor share two sockets.
const agentOf = async ({ url, agentFactory }: OtlpSettings): Promise<http.Agent> => {
  const { origin, protocol } = new URL(url)
  const known = agents.get(origin)
  if (known) return known
  // The SDK makes the agent, because it has read the certificates.
  const agent = limited(await agentFactory(protocol), 2)
  agents.set(origin, agent)
  return agent
}

type Rejected = { rejectedSpans?: unknown; rejectedLogRecords?: unknown; rejectedDataPoints?: unknown }

/** The answers of the three streams differ only in the name of this number in JSON. */
const refusedIn = (body: Buffer, protocol: OtlpProtocol): { refused?: number; refusal?: string } => {
  if (body.length === 0) return {}
  try {
    const partial = serializer[protocol].deserializeResponse(body).partialSuccess
    const { rejectedSpans, rejectedLogRecords, rejectedDataPoints } = (partial ?? {}) as Rejected
    const refused = Number(rejectedSpans ?? rejectedLogRecords ?? rejectedDataPoints ?? 0)
    return refused > 0 ? { refused, refusal: partial?.errorMessage || `${refused} refused` } : {}
  } catch {
    // After a 2xx an unreadable body does not matter.
    return {}
  }
}

const bytesOfEmptySpan = 400
const bytesOfEntry = 24

/** About how much memory a span takes, which is more than its encoding. */
export const bytesOfSpan = (span: ReadableSpan): number => {
  const { name, attributes, events, links, status } = span
  let bytes = bytesOfEmptySpan + 2 * (name.length + (status.message?.length ?? 0)) + links.length * bytesOfEmptySpan
  bytes += bytesOfAttributes(attributes) + 2 * (span.spanContext().traceState?.serialize().length ?? 0)
  for (const event of events) bytes += bytesOfEntry + 2 * event.name.length + bytesOfAttributes(event.attributes ?? {})
  return bytes
}

export const bytesOfAttributes = (attributes: ReadableSpan['attributes']): number => {
  let bytes = 0
  for (const key in attributes) bytes += bytesOfEntry + bytesOfValue(attributes[key])
  return bytes
}

const bytesOfValue = (value: unknown): number => {
  if (typeof value === 'string') return 2 * value.length
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + 8 + bytesOfValue(one), 0)
  return 8
}
