import { hostname } from 'node:os'
import type * as AwsSdk from '@aws-sdk/client-cloudwatch-logs'
import type {
  CloudWatchLogs,
  CloudWatchLogsClientConfig,
  PutLogEventsCommandInput,
  PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import type WinstonCloudWatch from 'winston-cloudwatch'
import { type Line, type LogSink, toJson } from '../logger.ts'
import { outsideTraces } from '../outside-traces.ts'
import {
  createExportQueue,
  type ExportQueue,
  type ExportQueueLimits,
  type ExportQueueOptions,
  messageOf,
  type Outcome,
} from './export-queue.ts'
import { loadVendor } from './load-vendor.ts'
import { agentFor } from './post.ts'
import { reasonFor, type Signal, withoutCreated } from './signal.ts'

type Aws = typeof AwsSdk
type LogEvent = { readonly message: string; readonly timestamp: number }
/** The AWS SDK finds what is not given. */
type AwsSettings = {
  readonly region?: string
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export type CloudWatchOptions = {
  readonly signal: Signal
  readonly logGroup: string
  readonly logStream?: string
  readonly client?: AwsSettings
  readonly limits?: Partial<ExportQueueLimits>
  readonly backoff?: ExportQueueOptions<LogEvent>['backoff']
}

export type CloudWatch = {
  readonly write: LogSink
  /** Resolves when the lookup is done, with or without a destination. */
  readonly ready: Promise<void>
  readonly flush: (deadlineMs: number) => Promise<boolean>
  readonly close: (deadlineMs: number) => Promise<void>
}

/** AWS accepts 10,000 events and 1,048,576 bytes at a time; winston-cloudwatch stops at 1,000,000, and 256,000 per event. */
export const cloudWatchLimits: ExportQueueLimits = {
  items: 10_000,
  bytes: 6 * 1024 * 1024,
  itemBytes: 250_000,
  batchItems: 5_000,
  batchBytes: 900_000,
  ageMs: 15 * 60_000,
  attempts: 10,
  // One batch at a time keeps the lines in order.
  inFlight: 1,
  deadlineMs: 5_000,
  lingerMs: 1_000,
}
const bytesOfEvent = 26
const lookupMs = 10_000
// Lines that wait until a destination is known. stdout has them already.
const mostEarly = 1_000
const placeholder = { accessKeyId: 'local', secretAccessKey: 'local' }

/**
 * Sends log lines to CloudWatch. winston-cloudwatch formats and batches them for a client of the AWS SDK. That client
 * puts each batch into our export queue, because the package's own queue grows without limit while AWS is down, it
 * repeats a failed request at once, and its shutdown spins.
 */
export const createCloudWatch = ({ signal, logGroup, ...options }: CloudWatchOptions): CloudWatch => {
  const [, Transport, aws] = loadVendor<[winston: object, typeof WinstonCloudWatch, Aws]>('cloudWatch')
  const limits = { ...cloudWatchLimits, ...options.limits }
  const logStream = options.logStream ?? streamName()
  const lookup = outsideTraces(() => findAws(aws.CloudWatchLogs, options.client ?? {}))
  /** Lines until the lookup is done; null from then on. */
  let early: [Line, string][] | null = []
  let pushedOut = 0
  let uploader: Uploader | undefined

  const queue: ExportQueue<LogEvent> = createExportQueue<LogEvent>({
    signal: withoutCreated(signal),
    limits,
    ...(options.backoff && { backoff: options.backoff }),
    send: async (events, abort) =>
      uploader?.upload(events, abort) ?? { kind: 'again', error: 'the AWS SDK is looking for an address' },
  })

  const write = (line: Line, json = toJson(line)) => {
    if (!early) return uploader?.write(line, json)
    if (early.push([line, json]) <= mostEarly) return
    early.shift()
    pushedOut++
  }

  const ready = lookup.then((found) => {
    const waiting = early ?? []
    early = null
    if ('missing' in found) return signal.setDestination({ destination: null, because: found.missing })
    signal.setDestination({ destination: `${found.endpoint} › ${logGroup} › ${logStream}`, because: found.because })
    uploader = createUploader({
      Transport,
      aws,
      config: found.config,
      signal,
      queue,
      limits,
      logGroup,
      logStream,
    })
    signal.created(pushedOut)
    signal.dropped('queue_full', pushedOut)
    for (const [line, json] of waiting) uploader.write(line, json)
  })

  const settle = async (deadlineMs: number) => {
    await Promise.race([ready, pause(deadlineMs)])
    await uploader?.drain(deadlineMs)
  }
  const flush = async (deadlineMs: number) => {
    await settle(deadlineMs)
    return queue.flush(deadlineMs)
  }
  return {
    write,
    ready,
    flush,
    close: async (deadlineMs) => {
      await settle(deadlineMs)
      await queue.close(deadlineMs)
      uploader?.close()
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())
const streamName = (): string => `${hostname().replace(/[:*]/g, '-')}-${process.pid}`
const sizeOf = (message: string): number => Buffer.byteLength(message) + bytesOfEvent

type UploaderOptions = {
  readonly Transport: typeof WinstonCloudWatch
  readonly aws: Aws
  readonly config: CloudWatchLogsClientConfig
  readonly signal: Signal
  readonly queue: ExportQueue<LogEvent>
  readonly limits: ExportQueueLimits
  readonly logGroup: string
  readonly logStream: string
}

type Uploader = {
  readonly write: LogSink
  /** Moves the lines that the package holds into the queue. */
  readonly drain: (deadlineMs: number) => Promise<void>
  readonly upload: (events: readonly LogEvent[], abort: AbortSignal) => Promise<Outcome>
  readonly close: () => void
}

const noop = (): void => {}

type Done = (error: null, answer: object) => void

/** The package holds lines for this time, to make a batch. */
const heldMs = 100
/** The package has its own timer, which would keep the process alive. */
const neverMs = 2 ** 31 - 1

const createUploader = ({ Transport, aws, config, signal, queue, limits, ...names }: UploaderOptions): Uploader => {
  const { logGroup: logGroupName, logStream: logStreamName } = names
  /** The place of each line that the package holds. It sorts by time only, and reverses lines of the same millisecond. */
  const places = new Map<string, number>()
  let held = 0
  let written = 0
  let timer: NodeJS.Timeout | undefined
  signal.addQueue(() => held)

  // Before each batch the package asks for its stream. This client answers that, and takes the batch, without the
  // network.
  class QueueingClient extends aws.CloudWatchLogs {
    override describeLogStreams(...[, done]: unknown[]): never {
      return (done as Done)(null, { logStreams: [{ logStreamName }] }) as never
    }

    override putLogEvents(...[batch, done]: unknown[]): never {
      const events = ((batch as PutLogEventsCommandInput).logEvents ?? []) as LogEvent[]
      const placed = events.map((event) => ({ event, place: places.get(event.message) ?? 0 }))
      placed.sort((a, b) => a.event.timestamp - b.event.timestamp || a.place - b.place)
      held -= events.length
      for (const { event } of placed) {
        places.delete(event.message)
        queue.add(event, sizeOf(event.message))
      }
      return (done as Done)(null, {}) as never
    }
  }
  const client = new QueueingClient(config)
  const transport = new Transport({
    logGroupName,
    logStreamName,
    cloudWatchLogs: client,
    ensureLogGroup: false,
    uploadRate: neverMs,
    messageFormatter: ({ text }) => text as string,
    errorHandler: (error) => signal.failed({ error: messageOf(error) }),
  })
  const drain = () => {
    clearTimeout(timer)
    timer = undefined
    transport.kthxbye(() => {})
    // The package moves a million bytes at a time.
    drainSoon()
  }
  const drainSoon = () => {
    if (held > 0) timer ??= outsideTraces(() => setTimeout(drain, Math.min(heldMs, limits.lingerMs)).unref())
  }

  let isThere = false
  const upload = async (events: readonly LogEvent[], abort: AbortSignal): Promise<Outcome> => {
    const options = { abortSignal: abort }
    try {
      if (!isThere) await ensureStream(client, { logGroupName, logStreamName }, options)
      isThere = true
      const answer = await client.send(
        new aws.PutLogEventsCommand({ logGroupName, logStreamName, logEvents: [...events] }),
        options,
      )
      return { kind: 'delivered', status: 200, ...refusedIn(answer, events.length) }
    } catch (error) {
      if (nameOf(error) === 'ResourceNotFoundException') isThere = false
      return outcomeOf(error)
    }
  }

  return {
    write: ({ message }, text) => {
      signal.created()
      if (sizeOf(text) > limits.itemBytes) return signal.dropped('too_large')
      if (held >= limits.items) return signal.dropped('queue_full')
      held++
      places.set(text, written++)
      // The last step of winston's pipeline. Its streams and formats would do nothing to these lines.
      transport.log?.({ level: 'info', message, text }, noop)
      if (held >= limits.batchItems) drain()
      else drainSoon()
    },
    drain: async (deadlineMs) => {
      const endsAt = performance.now() + deadlineMs
      while (held > 0 && performance.now() < endsAt) {
        drain()
        await new Promise(setImmediate)
      }
    },
    upload,
    close: () => {
      clearTimeout(timer)
      client.destroy()
    },
  }
}

type Abortable = { readonly abortSignal: AbortSignal }
type StreamName = { readonly logGroupName: string; readonly logStreamName: string }

// Usually the infrastructure has made the group. Where it has not, this makes it.
const ensureStream = async (client: CloudWatchLogs, name: StreamName, options: Abortable): Promise<void> => {
  const stream = () => client.createLogStream(name, options).catch(ignoreExisting)
  try {
    await stream()
  } catch (error) {
    if (nameOf(error) !== 'ResourceNotFoundException') throw error
    await client.createLogGroup({ logGroupName: name.logGroupName }, options).catch(ignoreExisting)
    await stream()
  }
}

const ignoreExisting = (error: unknown): void => {
  if (!['ResourceAlreadyExistsException', 'OperationAbortedException'].includes(nameOf(error))) throw error
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '')

const refusedIn = ({ rejectedLogEventsInfo: rejected }: PutLogEventsCommandOutput, count: number) => {
  if (!rejected) return {}
  const { expiredLogEventEndIndex = 0, tooOldLogEventEndIndex = 0, tooNewLogEventStartIndex = count } = rejected
  const refused = Math.max(expiredLogEventEndIndex, tooOldLogEventEndIndex) + count - tooNewLogEventStartIndex
  return { refused, refusal: 'events were too old or too new' }
}

type AwsError = {
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> }
}

const temporary = /Throttl|Unavailable|TooManyRequests|LimitExceeded|ResourceNotFound|RequestTimeout|Expired/

const outcomeOf = (thrown: unknown): Outcome => {
  const { $metadata, $response } = (thrown ?? {}) as AwsError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  const name = nameOf(thrown)
  const known = status === undefined ? {} : { status }
  const error = [status && `HTTP ${status}`, name, messageOf(thrown)].filter(Boolean).join(' ')
  if (status === undefined || status === 429 || status >= 500 || temporary.test(name)) {
    const seconds = Number($response?.headers?.['retry-after'])
    return { kind: 'again', error, ...known, afterMs: seconds > 0 ? seconds * 1_000 : undefined }
  }
  return { kind: 'lost', error, ...known, reason: `http_${status}` }
}

type Found = { readonly config: CloudWatchLogsClientConfig; readonly endpoint: string; readonly because: string }

/** Finds region, endpoint and credentials as the AWS SDK does. When there are no credentials this can take seconds. */
const findAws = async (
  Client: typeof CloudWatchLogs,
  given: AwsSettings,
): Promise<Found | { readonly missing: string }> => {
  const probe = new Client(given)
  const deadline = new Promise<undefined>((resolve) => void setTimeout(() => resolve(undefined), lookupMs).unref())
  const ask = async <Found>(look: () => Promise<Found>) => Promise.race([look().catch(() => undefined), deadline])
  try {
    const configured = probe.config as { serviceConfiguredEndpoint?: () => Promise<string | undefined> }
    const endpoint =
      typeof given.endpoint === 'string'
        ? given.endpoint
        : await ask(async () => configured.serviceConfiguredEndpoint?.())
    const region = (await ask(() => probe.config.region())) ?? (endpoint ? 'us-east-1' : undefined)
    if (!region) return { missing: 'neither AWS_REGION nor AWS_ENDPOINT_URL_CLOUDWATCH_LOGS is set: stdout only' }
    const isLocalDouble = endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(new URL(endpoint).hostname)
    const found = isLoopback(endpoint) ? undefined : await ask(() => probe.config.credentials())
    if (!found && !isLocalDouble) return { missing: 'the AWS SDK finds no credentials: stdout only' }
    const config = {
      ...given,
      region,
      ...(endpoint && { endpoint }),
      ...(!found && { credentials: given.credentials ?? placeholder }),
      // The queue retries, and its deadline ends each attempt; these limits only close sockets.
      maxAttempts: 1,
      requestHandler: {
        connectionTimeout: 3_000,
        requestTimeout: 10_000,
        httpAgent: agentFor('http:', 1),
        httpsAgent: agentFor('https:', 1),
      },
    }
    return {
      config,
      endpoint: endpoint ?? `https://logs.${region}.amazonaws.com`,
      because: endpoint ? reasonFor('AWS_ENDPOINT_URL_CLOUDWATCH_LOGS') : `credentials for ${region} were found`,
    }
  } catch (error) {
    return { missing: `${messageOf(error)}: stdout only` }
  } finally {
    probe.destroy()
  }
}

const isLoopback = (endpoint: string | undefined): boolean =>
  endpoint !== undefined && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(endpoint).hostname)
