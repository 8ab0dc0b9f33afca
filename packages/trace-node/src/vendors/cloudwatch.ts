import { hostname } from 'node:os'
import {
  CloudWatchLogs,
  type CloudWatchLogsClientConfig,
  type PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs'
import type winston from 'winston'
import WinstonCloudWatch from 'winston-cloudwatch'
import { toJson } from '../logger.ts'
import { outsideTraces } from '../outside-traces.ts'
import {
  createExportQueue,
  type ExportQueue,
  type ExportQueueLimits,
  type ExportQueueOptions,
  messageOf,
  type Outcome,
} from './export-queue.ts'
import { agentFor } from './post.ts'
import { reasonFor, type Signal } from './signal.ts'

type LogEvent = { readonly message: string; readonly timestamp: number }
type ClientConfig = Pick<CloudWatchLogsClientConfig, 'region' | 'endpoint' | 'credentials'>

export type CloudWatchOptions = {
  readonly signal: Signal
  readonly logGroup: string
  readonly logStream?: string
  /** The AWS SDK finds the rest by itself. */
  readonly client?: ClientConfig
  readonly limits?: Partial<ExportQueueLimits>
  readonly backoff?: ExportQueueOptions<LogEvent>['backoff']
}

export type CloudWatch = {
  readonly transport: winston.transport
  /** Resolves when the lookup has found a destination or has found that there is no destination. */
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
  // The package sends one batch at a time.
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
 * Sends log lines to CloudWatch. winston-cloudwatch formats and uploads each batch, and our export queue does the rest.
 * The package's own queue grows without limit while AWS is down. It retries without a pause, and its shutdown spins.
 */
export const createCloudWatch = ({ signal, logGroup, ...options }: CloudWatchOptions): CloudWatch => {
  const logStream = options.logStream ?? streamName()
  const lookup = outsideTraces(() => findAws(options.client ?? {}))
  let early: LogEvent[] | null = []
  let pushedOut = 0
  const take = (event: LogEvent) => {
    if (!early) queue.add(event, sizeOf(event))
    else if (early.push(event) > mostEarly) {
      early.shift()
      pushedOut++
    }
  }
  const transport = new CloudWatchTransport({ logGroup, logStream, take })

  const queue: ExportQueue<LogEvent> = createExportQueue<LogEvent>({
    signal,
    limits: { ...cloudWatchLimits, ...options.limits },
    ...(options.backoff && { backoff: options.backoff }),
    send: async (events, abort) => {
      const found = await lookup
      if ('missing' in found) return { kind: 'lost', reason: 'no_address', error: found.missing }
      return transport.send(events, found.client, abort)
    },
  })

  const ready = lookup.then((found) => {
    if ('missing' in found) {
      transport.silent = true
      signal.setDestination({ destination: null, because: found.missing })
      early = null
      return
    }
    signal.setDestination({ destination: `${found.endpoint} › ${logGroup} › ${logStream}`, because: found.because })
    const waiting = early ?? []
    early = null
    signal.created(pushedOut)
    signal.dropped('queue_full', pushedOut)
    for (const event of waiting) take(event)
  })

  return {
    transport: transport as unknown as winston.transport,
    ready,
    flush: async (deadlineMs) => {
      await Promise.race([ready, pause(deadlineMs)])
      return queue.flush(deadlineMs)
    },
    close: async (deadlineMs) => {
      await Promise.race([ready, pause(deadlineMs)])
      await queue.close(deadlineMs)
      transport.silent = true
      const found = await Promise.race([lookup, undefined])
      if (found && 'client' in found) found.client.destroy()
    },
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms).unref())
const streamName = (): string => `${hostname().replace(/[:*]/g, '-')}-${process.pid}`
const sizeOf = ({ message }: LogEvent): number => Buffer.byteLength(message) + bytesOfEvent

type Callback<Result> = (error: unknown, result?: Result) => void
type Payload = { readonly logEvents: readonly LogEvent[] }

/** The members that the types of winston-cloudwatch leave out. */
type Package = {
  cloudwatchlogs: unknown
  logEvents: LogEvent[]
  formatMessage: (info: object) => string
  submit: (done: (error?: unknown) => void) => void
}

type TransportOptions = {
  readonly logGroup: string
  readonly logStream: string
  readonly take: (event: LogEvent) => void
}

class CloudWatchTransport extends WinstonCloudWatch {
  readonly #take: TransportOptions['take']
  readonly #logGroup: string
  readonly #logStream: string
  #isThere = false

  constructor({ logGroup, logStream, take }: TransportOptions) {
    super({
      logGroupName: logGroup,
      logStreamName: logStream,
      ensureLogGroup: false,
      // Set before each upload: without a region the AWS SDK would throw here.
      cloudWatchLogs: {} as CloudWatchLogs,
      messageFormatter: (info) => toJson(info as unknown as Parameters<typeof toJson>[0]),
    })
    this.#take = take
    this.#logGroup = logGroup
    this.#logStream = logStream
  }

  get #package(): Package {
    return this as unknown as Package
  }

  override log(info: object, done: () => void): void {
    this.#take({ message: this.#package.formatMessage(info), timestamp: Date.now() })
    done()
  }

  async send(events: readonly LogEvent[], client: CloudWatchLogs, abort: AbortSignal): Promise<Outcome> {
    try {
      if (!this.#isThere) await this.#ensureStream(client, abort)
      this.#isThere = true
    } catch (error) {
      return outcomeOf(error)
    }
    let outcome: Outcome | undefined
    // The package sorts by time only, and reverses lines of the same millisecond.
    const place = new Map(events.map((event, index) => [event, index]))
    const inOrder = (a: LogEvent, b: LogEvent) => a.timestamp - b.timestamp || (place.get(a) ?? 0) - (place.get(b) ?? 0)
    const put = (payload: Payload) =>
      client.putLogEvents(
        {
          logGroupName: this.#logGroup,
          logStreamName: this.#logStream,
          logEvents: payload.logEvents.toSorted(inOrder),
        },
        { abortSignal: abort },
      )

    // The package asks for the stream before each batch, and repeats a failed upload four times at once. This client
    // answers both questions without the network, so each batch is one request.
    this.#package.cloudwatchlogs = {
      describeLogStreams: (_request: object, done: Callback<object>) =>
        done(null, { logStreams: [{ logStreamName: this.#logStream }] }),
      putLogEvents: (payload: Payload, done: Callback<object>) => {
        if (outcome) return done(new Error('sent once already'))
        put(payload).then(
          (answer) => {
            outcome = { kind: 'delivered', status: 200, ...refusedIn(answer, payload.logEvents.length) }
            done(null, {})
          },
          (error: unknown) => {
            outcome = outcomeOf(error)
            if (nameOf(error) === 'ResourceNotFoundException') this.#isThere = false
            done(new Error('sent once already'))
          },
        )
      },
    }
    this.#package.logEvents = [...events]
    await new Promise<void>((resolve) => this.#package.submit(() => resolve()))
    this.#package.logEvents = []
    return outcome ?? { kind: 'again', error: 'winston-cloudwatch was still uploading' }
  }

  // Usually the infrastructure has made the group. Where it has not, this makes it.
  async #ensureStream(client: CloudWatchLogs, abort: AbortSignal): Promise<void> {
    const group = { logGroupName: this.#logGroup }
    const stream = () =>
      client.createLogStream({ ...group, logStreamName: this.#logStream }, { abortSignal: abort }).catch(ignoreExisting)
    try {
      await stream()
    } catch (error) {
      if (nameOf(error) !== 'ResourceNotFoundException') throw error
      await client.createLogGroup(group, { abortSignal: abort }).catch(ignoreExisting)
      await stream()
    }
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

type Aws = { readonly client: CloudWatchLogs; readonly endpoint: string; readonly because: string }

/** Finds region, endpoint and credentials as the AWS SDK does. When there are no credentials this can take seconds. */
const findAws = async (given: ClientConfig): Promise<Aws | { readonly missing: string }> => {
  const probe = new CloudWatchLogs(given)
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
    const client = new CloudWatchLogs({
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
    })
    return {
      client,
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
