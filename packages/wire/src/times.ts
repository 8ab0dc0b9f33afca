import { browserAttr, serverTiming } from './names.ts'

/** The `Server-Timing` header of one answer. */
export type ServerAccount = {
  /** The time in the backend. */
  totalMs: number | null
  /** The time in the page's own server and the backend together; null when the page asks the backend directly. */
  proxyMs: number | null
  /** When the backend began, by its clock. */
  atMs: number | null
  /** The backend's span, and whether it keeps its half of the trace. */
  backendSpan: string | null
}

const number = (text: string | undefined): number | null => {
  const value = Number.parseFloat(text ?? '')
  return Number.isFinite(value) ? value : null
}

export const parseServerTiming = (header: string | null): ServerAccount => {
  const metrics = new Map((header ?? '').split(',').map(readMetric))
  const read = (name: string, parameter: string) => metrics.get(name)?.get(parameter)
  return {
    totalMs: number(read(serverTiming.total, 'dur')),
    proxyMs: number(read(serverTiming.proxy, 'dur')),
    atMs: number(read(serverTiming.at, 'desc')),
    backendSpan: read(serverTiming.backendSpan, 'desc') ?? null,
  }
}

const readMetric = (metric: string): [string, Map<string, string>] => {
  const [name = '', ...parameters] = metric.split(';').map((part) => part.trim())
  return [
    name,
    new Map(
      parameters.map((parameter) => {
        const [key = '', value = ''] = parameter.split(/=(.*)/s)
        return [key.trim(), value.replaceAll('"', '').trim()]
      }),
    ),
  ]
}

/** Server time of a request: the time in any of our servers. */
export const serverMsOf = ({ proxyMs, totalMs }: ServerAccount): number | null => proxyMs ?? totalMs

/** The browser's clock is no finer than this. */
export const rounded = (ms: number): number => Math.round(ms * 100) / 100

type Milestones = Record<'domainLookupStart' | 'connectEnd' | 'requestStart' | 'responseEnd', number>

/** The timing of another origin is all zeros unless that origin allows it. */
export const hasRequestTimes = ({ requestStart }: Pick<Milestones, 'requestStart'>): boolean => requestStart > 0

/**
 * A request takes page time (before it is sent, including a preflight), network time (between the browser and our first
 * server) and server time. Without the browser's timing, page time is unknown and counts as network time.
 */
export const splitRequest = (
  durationMs: number,
  serverMs: number,
  timing: Milestones | undefined,
): { beforeSendMs: number | null; networkMs: number } => {
  const restMs = Math.max(0, durationMs - serverMs)
  if (!timing || !hasRequestTimes(timing)) return { beforeSendMs: null, networkMs: rounded(restMs) }
  const connectMs = timing.connectEnd - timing.domainLookupStart
  const underwayMs = connectMs + timing.responseEnd - timing.requestStart
  const networkMs = rounded(Math.min(restMs, Math.max(0, underwayMs - serverMs)))
  return { beforeSendMs: Math.max(0, rounded(restMs - networkMs)), networkMs }
}

export type RequestTimes = {
  durationMs: number
  serverMs: number
  beforeSendMs: number | null
  /** From sending to the first byte. */
  waitMs: number | null
  downloadMs: number | null
}

/** The times of a request's span; null when the answer does not say how long our servers took. */
export const requestTimes = (
  attributes: Readonly<Record<string, unknown>>,
  durationMs: number,
  serverSpanMs?: number,
): RequestTimes | null => {
  const read = (key: string): number | null => {
    const value = attributes[key]
    return typeof value === 'number' && value >= 0 && Number.isFinite(value) ? value : null
  }
  const serverMs = read(browserAttr.serverMs) ?? serverSpanMs
  if (serverMs === undefined) return null
  return {
    durationMs,
    serverMs,
    beforeSendMs: read(browserAttr.beforeSendMs),
    waitMs: read(browserAttr.waitMs),
    downloadMs: read(browserAttr.downloadMs),
  }
}

/** When a request was in our servers, in ms since its start: in the middle of the wait, as if both ways took equally long. */
export const serverPart = (request: RequestTimes): [number, number] => {
  const { durationMs, beforeSendMs, waitMs, downloadMs } = request
  const serverMs = Math.min(request.serverMs, durationMs)
  const sentMs = Math.min(beforeSendMs ?? 0, durationMs - serverMs)
  const answeredMs = durationMs - (downloadMs ?? 0)
  const waitingSinceMs = waitMs === null ? sentMs : answeredMs - waitMs
  const middleMs = (waitingSinceMs + answeredMs) / 2
  const from = Math.min(Math.max(middleMs - serverMs / 2, sentMs), durationMs - serverMs)
  return [from, from + serverMs]
}

export type ActionTimes = { pageMs: number; networkMs: number; serverMs: number }

/**
 * Splits an action: server time while any of its requests is in our servers, else network time while any is under way,
 * else page time. The three add up to the action's duration, even when requests run side by side.
 */
export const splitAction = (
  durationMs: number,
  requests: readonly (RequestTimes & { startMs: number })[],
): ActionTimes => {
  const atServer = requests.map((request): Interval => {
    const [from, to] = serverPart(request)
    return [request.startMs + from, request.startMs + to]
  })
  const underWay = requests.map(
    ({ startMs, durationMs, beforeSendMs }): Interval => [startMs + (beforeSendMs ?? 0), startMs + durationMs],
  )
  const serverMs = coveredMs(atServer, durationMs)
  const awayMs = coveredMs([...atServer, ...underWay], durationMs)
  return { pageMs: durationMs - awayMs, networkMs: awayMs - serverMs, serverMs }
}

type Interval = [from: number, to: number]

/** How much of the time from 0 to `end` the intervals cover. */
export const coveredMs = (intervals: readonly Interval[], end: number): number => {
  let sum = 0
  let reached = 0
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const until = Math.min(to, end)
    if (until <= reached) continue
    sum += until - Math.max(from, reached)
    reached = until
  }
  return sum
}

const maxReadings = 5
const fastReadingMs = 0.5

/**
 * The wall clock at `ms` of performance.now(). A busy machine may pause between a reading of one clock and of the other,
 * so the fastest of some readings counts. The time origin is finer than Date.now(), unless the wall clock was adjusted.
 */
export const wallClockAt = (ms: number): number => {
  let origin = performance.timeOrigin
  let fastestMs = Number.POSITIVE_INFINITY
  for (let readings = 0; readings < maxReadings && fastestMs > fastReadingMs; readings++) {
    const before = performance.now()
    const now = Date.now()
    const tookMs = performance.now() - before
    if (tookMs >= fastestMs) continue
    fastestMs = tookMs
    origin = now - before
  }
  return ms + (Math.abs(origin - performance.timeOrigin) < 2 ? performance.timeOrigin : origin)
}

/** The true difference of two clocks lies within `errorMs` of `offsetMs`. */
export type ClockReading = { offsetMs: number; errorMs: number }

/** The rounding of four times: the browser's to 1 ms, the server's to up to 2 ms. */
const clockGrainMs = 2

/**
 * The server's clock minus the browser's, estimated as NTP does from one request. When the clocks may be equal, the offset
 * is 0 and the bound is wide enough to say so.
 */
export const readClock = (sent: number, received: number, answered: number, arrived: number): ClockReading => {
  const offsetMs = (received - sent + (answered - arrived)) / 2
  const errorMs = Math.max(0, arrived - sent - (answered - received)) / 2 + clockGrainMs
  return Math.abs(offsetMs) > errorMs ? { offsetMs, errorMs } : { offsetMs: 0, errorMs: errorMs + Math.abs(offsetMs) }
}
