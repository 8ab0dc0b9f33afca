import { attr } from '@cruddur/wire/names'
import { trace } from '@opentelemetry/api'
import type Rollbar from 'rollbar'
import { cleanError } from '../clean-error.ts'
import { outsideTraces } from '../outside-traces.ts'
import { shortened } from '../scrub.ts'
import { activeTraceIds } from '../trace-ids.ts'
import { createExportQueue, type ExportQueueLimits, type ExportQueueOptions } from './export-queue.ts'
import type { Fault, FaultReporter, FaultyRequest } from './faults.ts'
import { loadVendor } from './load-vendor.ts'
import { type Answer, agentFor, outcomeOf, post } from './post.ts'
import { type Signal, withoutCreated } from './signal.ts'

export type RollbarOptions = {
  readonly signal: Signal
  readonly accessToken: string
  readonly endpoint?: string | undefined
  readonly environment: string
  readonly codeVersion: string
  readonly itemsPerMinute?: number
  readonly sameItemsPerMinute?: number
  readonly limits?: Partial<ExportQueueLimits>
  readonly backoff?: ExportQueueOptions<string>['backoff']
}

export const rollbarEndpoint = 'https://api.rollbar.com/api/1/item/'

const rollbarLimits: ExportQueueLimits = {
  items: 200,
  bytes: 4 * 1024 * 1024,
  itemBytes: 512 * 1024,
  // The API accepts one item at a time.
  batchItems: 1,
  batchBytes: 512 * 1024,
  ageMs: 30 * 60_000,
  attempts: 8,
  inFlight: 2,
  deadlineMs: 5_000,
  lingerMs: 0,
}
const mostBeingBuilt = 50
const minuteMs = 60_000

/**
 * Reports faults to Rollbar: its package makes the items, and our queue sends them. The package itself has no timeout,
 * opens a socket for each item, and its Express handler keeps the user waiting until Rollbar has answered.
 */
export const createRollbar = (options: RollbarOptions): FaultReporter => {
  const { signal, accessToken, environment, codeVersion } = options
  const [RollbarPackage] = loadVendor<[typeof Rollbar]>('rollbar')
  const endpoint = options.endpoint ?? rollbarEndpoint
  const agent = agentFor(endpoint)
  const reported = new WeakMap<object, string>()
  const { itemsPerMinute = 60, sameItemsPerMinute = Math.ceil(itemsPerMinute / 12) } = options
  const mayReport = limiter(itemsPerMinute, sameItemsPerMinute)
  let beingBuilt = 0
  signal.addQueue(() => beingBuilt)

  const queue = createExportQueue<string>({
    signal: withoutCreated(signal),
    limits: { ...rollbarLimits, ...options.limits },
    ...(options.backoff && { backoff: options.backoff }),
    send: async ([item = ''], abort) => {
      const headers = { 'Content-Type': 'application/json', 'X-Rollbar-Access-Token': accessToken }
      const answer = await post({ url: endpoint, agent, headers, body: Buffer.from(item), abort })
      return outcomeOf(withRateLimit(answer), isTemporary)
    },
  })

  const rollbar = new RollbarPackage({
    accessToken,
    environment,
    codeVersion,
    captureIp: false,
    captureUncaught: false,
    captureUnhandledRejections: false,
    // Our own limits replace these two, because they count the items that they leave out.
    itemsPerMinute: 0,
    ignoreDuplicateErrors: false,
    addRequestData: describeRequest,
  } as Rollbar.Configuration)
  sendThrough(rollbar, (item) => {
    beingBuilt--
    queue.add(item, Buffer.byteLength(item))
  })

  const report = ({ error, level = 'error', request, userId, custom }: Fault): string | null => {
    const known = error instanceof Object ? reported.get(error) : undefined
    if (known) return known
    signal.created()
    const clean = cleanError(error)
    const surplus = mayReport(clean)
    if (surplus) {
      signal.leftOut(surplus)
      return null
    }
    if (beingBuilt >= mostBeingBuilt) {
      signal.dropped('busy')
      return null
    }
    beingBuilt++
    const { trace_flags: _, ...ids } = activeTraceIds()
    const done = (failure: unknown) => {
      if (!failure) return
      beingBuilt--
      signal.dropped('not_built')
      signal.failed({ error: String(failure) })
    }
    const about = { method: request?.method ?? '', ...request, userId }
    const { uuid = null } = outsideTraces(() => rollbar[level](clean, { ...custom, ...ids }, about, done)) as {
      uuid?: string
    }
    if (uuid) {
      if (error instanceof Object) reported.set(error, uuid)
      const span = trace.getActiveSpan()
      if (span?.isRecording()) span.setAttribute(attr.rollbarUuid, uuid)
    }
    return uuid
  }

  return {
    report,
    flush: async (deadlineMs) => {
      const endsAt = performance.now() + deadlineMs
      await untilBuilt(() => beingBuilt, endsAt)
      return queue.flush(endsAt - performance.now())
    },
    close: async (deadlineMs) => {
      const endsAt = performance.now() + deadlineMs
      await untilBuilt(() => beingBuilt, endsAt)
      await queue.close(endsAt - performance.now())
      agent.destroy()
    },
  }
}

type Fields = Record<string, unknown>
type Item = Fields & { custom?: Fields; notifier?: Fields; server?: Fields }
type Inner = {
  readonly client: { readonly api: { postItem: (item: Item, done: (error: null, answer: object) => void) => void } }
}

/** Replaces the package's last step before the network. */
const sendThrough = (rollbar: Rollbar, send: (item: string) => void): void => {
  ;(rollbar as unknown as Inner).client.api.postItem = (item, done) => {
    // The package keeps the raw arguments, and copies every custom field to the top level.
    delete item._originalArgs
    for (const name of Object.keys(item.custom ?? {})) delete item[name]
    delete item.notifier?.configured_options
    delete item.notifier?.diagnostic
    delete item.server?.argv
    send((rollbar as unknown as { buildJsonPayload: (item: Item) => string }).buildJsonPayload(item))
    done(null, {})
  }
}

type About = FaultyRequest & { readonly userId?: string }

const describeRequest = (item: Fields, { method, path, route, userId, ...about }: About): void => {
  if (userId) item.person = { id: userId }
  if (!path) return
  const withoutQuery = shortened(path.replace(/[?#].*$/s, ''))
  const { protocol = 'http' } = about
  const [host, userAgent] = [shortened(about.host ?? 'localhost'), about.userAgent && shortened(about.userAgent)]
  item.context = route ? `${method} ${route}` : method
  item.request = {
    url: `${protocol}://${host}${withoutQuery}`,
    method,
    headers: { host, ...(userAgent && { 'user-agent': userAgent }) },
  }
}

/** Rollbar has its own header for the end of its rate limit. */
const withRateLimit = (answer: Answer): Answer => {
  const { 'x-rate-limit-remaining-seconds': seconds } = answer.headers
  return { ...answer, headers: { ...(typeof seconds === 'string' && { 'retry-after': seconds }), ...answer.headers } }
}
const isTemporary = (status: number): boolean => status === 429 || status >= 500

/** Says why an item is left out: there are too many in a minute, in total or of one kind. */
const limiter = (most: number, mostOfOneKind: number) => {
  let startedAt = Number.NEGATIVE_INFINITY
  let count = 0
  const kinds = new Map<string, number>()
  return (error: Error): string | undefined => {
    const now = performance.now()
    if (now - startedAt > minuteMs) {
      startedAt = now
      count = 0
      kinds.clear()
    }
    const [, place = error.message] = (error.stack ?? '').split('\n')
    const kind = `${error.name} ${place}`
    const ofThisKind = (kinds.get(kind) ?? 0) + 1
    if (ofThisKind > mostOfOneKind) return 'repeated'
    if (count >= most) return 'over_limit'
    count++
    kinds.set(kind, ofThisKind)
    return undefined
  }
}

const untilBuilt = async (left: () => number, endsAt: number): Promise<void> => {
  while (left() > 0 && performance.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 5))
}
