import { outsideTraces } from '../outside-traces.ts'
import type { Signal } from './signal.ts'

/** The result of one attempt. Each vendor's protocol decides which answers are `again`; all others are final. */
export type Outcome =
  | { readonly kind: 'delivered'; readonly status?: number; readonly refused?: number; readonly refusal?: string }
  | { readonly kind: 'again'; readonly error: string; readonly status?: number; readonly afterMs?: number | undefined }
  | { readonly kind: 'lost'; readonly error: string; readonly status?: number; readonly reason: string }

export type ExportQueueLimits = {
  readonly items: number
  readonly bytes: number
  readonly itemBytes: number
  readonly batchItems: number
  readonly batchBytes: number
  readonly ageMs: number
  readonly attempts: number
  readonly inFlight: number
  /** How long one attempt may take, from start to finish. */
  readonly deadlineMs: number
  /** How long the first item waits for a batch to fill. */
  readonly lingerMs: number
}

export type ExportQueueOptions<Item> = {
  readonly signal: Signal
  readonly limits: ExportQueueLimits
  readonly send: (items: readonly Item[], abort: AbortSignal) => Promise<Outcome>
  readonly backoff?: Partial<Backoff>
}

export type ExportQueue<Item> = {
  readonly add: (item: Item, bytes: number) => void
  /** Tries to empty the queue before the deadline, and says whether it did. Never rejects. */
  readonly flush: (deadlineMs: number) => Promise<boolean>
  /** Flushes, then drops the rest and accepts nothing more. */
  readonly close: (deadlineMs: number) => Promise<void>
}

type Backoff = {
  readonly firstMs: number
  readonly longestMs: number
  /** The longest `Retry-After` that is obeyed. */
  readonly longestVendorMs: number
  /** After this many refusals in a row the vendor counts as down. */
  readonly refusals: number
}

type Entry<Item> = { readonly item: Item; readonly bytes: number; readonly addedAt: number; attempts: number }

const defaultBackoff: Backoff = { firstMs: 1_000, longestMs: 30_000, longestVendorMs: 3_600_000, refusals: 5 }

/**
 * The queue between the application and a vendor that is reached over HTTP. Adding never waits and never throws; when
 * the queue is full the oldest items are dropped. After a failure one small batch at a time probes the vendor, at
 * growing intervals, until the vendor accepts one.
 */
export const createExportQueue = <Item>({
  signal,
  limits,
  send,
  ...options
}: ExportQueueOptions<Item>): ExportQueue<Item> => {
  const backoff = { ...defaultBackoff, ...options.backoff }
  const queue: Entry<Item>[] = []
  const inFlight = new Set<AbortController>()
  let heldBytes = 0
  let heldItems = 0

  let failures = 0
  let refusals = 0
  let pausedUntil = 0
  let isPauseFromVendor = false

  let closed = false
  let draining = false
  let drainEndsAt = 0
  let scheduled: { at: number; timer: NodeJS.Timeout } | undefined
  let whenIdle: (() => void)[] = []

  signal.addQueue(() => heldItems)

  const release = (entries: readonly Entry<Item>[]) => {
    heldItems -= entries.length
    for (const { bytes } of entries) heldBytes -= bytes
  }
  const drop = (entries: readonly Entry<Item>[], reason: string) => {
    if (entries.length === 0) return
    release(entries)
    signal.dropped(reason, entries.length)
  }
  const dropExpired = (now: number) => {
    let count = 0
    while (count < queue.length && now - (queue[count] as Entry<Item>).addedAt > limits.ageMs) count++
    if (count > 0) drop(queue.splice(0, count), 'too_old')
  }

  const add = (item: Item, bytes: number) => {
    signal.created()
    if (closed) return signal.dropped('closed')
    if (bytes > limits.itemBytes) return signal.dropped('too_large')
    const now = performance.now()
    dropExpired(now)
    queue.push({ item, bytes, addedAt: now, attempts: 0 })
    heldItems++
    heldBytes += bytes
    while (queue.length > 0 && (heldItems > limits.items || heldBytes > limits.bytes)) {
      drop(queue.splice(0, 1), 'queue_full')
    }
    schedule()
  }

  const mostInFlight = () => (failures > 0 ? 1 : limits.inFlight)
  const batchIsFull = () => queue.length >= limits.batchItems || heldBytes >= limits.batchBytes
  const readyAt = (oldest: Entry<Item>) =>
    Math.max(pausedUntil, draining || batchIsFull() ? 0 : oldest.addedAt + limits.lingerMs)

  const schedule = () => {
    const oldest = queue[0]
    if (!oldest || inFlight.size >= mostInFlight()) return
    // Old items are dropped even during a pause.
    const at = Math.min(readyAt(oldest), oldest.addedAt + limits.ageMs + 1)
    if (scheduled && scheduled.at <= at) return
    unschedule()
    scheduled = { at, timer: outsideTraces(() => setTimeout(pump, Math.max(0, at - performance.now())).unref()) }
  }
  const unschedule = () => {
    clearTimeout(scheduled?.timer)
    scheduled = undefined
  }

  const pump = () => {
    scheduled = undefined
    const now = performance.now()
    dropExpired(now)
    for (let [oldest] = queue; oldest && readyAt(oldest) <= now && inFlight.size < mostInFlight(); [oldest] = queue) {
      void attempt(takeBatch())
    }
    schedule()
    settleIdle()
  }

  const takeBatch = (): Entry<Item>[] => {
    const most = Math.max(1, limits.batchItems >> Math.min(failures, 20))
    let count = 0
    let bytes = 0
    for (const entry of queue) {
      bytes += entry.bytes
      if (count === most || (count > 0 && bytes > limits.batchBytes)) break
      count++
    }
    return queue.splice(0, count)
  }

  const attempt = async (batch: Entry<Item>[]) => {
    const abort = new AbortController()
    inFlight.add(abort)
    const outcome = await withinDeadline(batch, abort)
    inFlight.delete(abort)
    settle(batch, outcome)
    schedule()
    settleIdle()
  }

  // `send` may ignore the abort: the race frees its items at the deadline anyway.
  const withinDeadline = async (batch: Entry<Item>[], abort: AbortController): Promise<Outcome> => {
    const aborted = new Promise<Outcome>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve({ kind: 'again', error: String(abort.signal.reason) }))
    })
    const timer = setTimeout(() => abort.abort(`no answer within ${limits.deadlineMs} ms`), limits.deadlineMs)
    timer.unref()
    try {
      const sent = send(
        batch.map((entry) => entry.item),
        abort.signal,
      )
      return await Promise.race([sent.catch(asOutcome), aborted])
    } catch (error) {
      return { kind: 'lost', reason: 'unsendable', error: String(error) }
    } finally {
      clearTimeout(timer)
    }
  }

  const settle = (batch: Entry<Item>[], outcome: Outcome) => {
    if (outcome.kind === 'delivered') {
      failures = 0
      refusals = 0
      pausedUntil = 0
      const refused = Math.min(outcome.refused ?? 0, batch.length)
      release(batch)
      signal.delivered(batch.length - refused)
      signal.dropped('refused', refused)
      if (outcome.status !== undefined) signal.answered(outcome.status)
      if (refused > 0) signal.failed({ error: outcome.refusal ?? `${refused} items refused`, status: outcome.status })
      return
    }
    signal.failed(outcome)
    if (outcome.kind === 'lost') {
      drop(batch, outcome.reason)
      if (++refusals >= backoff.refusals) pause()
      return
    }
    pause(outcome.afterMs)
    for (const entry of batch) entry.attempts++
    const isSpent = ({ attempts }: Entry<Item>) => attempts >= limits.attempts
    drop(batch.filter(isSpent), 'tried_too_often')
    queue.unshift(...batch.filter((entry) => !isSpent(entry)))
    if (closed) drop(queue.splice(0), 'shutdown')
  }

  const pause = (vendorMs?: number) => {
    const ownMs = Math.min(backoff.longestMs, backoff.firstMs * 2 ** failures) * (0.8 + Math.random() * 0.2)
    failures++
    isPauseFromVendor = vendorMs !== undefined
    pausedUntil = performance.now() + (vendorMs === undefined ? ownMs : Math.min(vendorMs, backoff.longestVendorMs))
  }

  const settleIdle = () => {
    const isTooLate = draining && pausedUntil > drainEndsAt
    if (inFlight.size > 0 || (queue.length > 0 && !isTooLate)) return
    for (const resolve of whenIdle) resolve()
    whenIdle = []
  }

  const flush = async (deadlineMs: number): Promise<boolean> => {
    if (heldItems === 0) return true
    draining = true
    drainEndsAt = performance.now() + deadlineMs
    // Try once now, unless the vendor asked for a later time.
    if (!isPauseFromVendor) pausedUntil = 0
    let timer: NodeJS.Timeout | undefined
    await outsideTraces(
      () =>
        new Promise<void>((resolve) => {
          whenIdle.push(resolve)
          timer = setTimeout(resolve, deadlineMs)
          schedule()
          settleIdle()
        }),
    )
    clearTimeout(timer)
    draining = false
    return heldItems === 0
  }

  return {
    add,
    flush,
    close: async (deadlineMs) => {
      await flush(deadlineMs)
      closed = true
      unschedule()
      drop(queue.splice(0), 'shutdown')
      for (const abort of inFlight) abort.abort('shutting down')
      while (inFlight.size > 0) await new Promise(setImmediate)
    },
  }
}

const asOutcome = (error: unknown): Outcome => ({ kind: 'again', error: messageOf(error) })

/** The messages of the error and its causes. The code of a network error is in a cause. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0])
  const cause = error.cause instanceof Error ? `: ${messageOf(error.cause)}` : ''
  return `${error.message || ('code' in error ? String(error.code) : error.name)}${cause}`
}
