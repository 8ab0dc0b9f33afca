import { serverTiming } from '@cruddur/shared/telemetry'

let offsetMs = 0
let shortestTripMs = Number.POSITIVE_INFINITY

/** Whether a crud has expired is for the server's clock to say, and the browser's may be wrong. */
export const serverNow = (): number => Date.now() + offsetMs

/** Server clock less browser clock, had the answer's two ways taken equally long. */
export const clockOffset = (header: string | null, sentAt: number, receivedAt: number): number | null => {
  const at = Number(new RegExp(`\\b${serverTiming.at};desc="?([\\d.]+)`).exec(header ?? '')?.[1])
  const total = Number(new RegExp(`\\b${serverTiming.total};dur=([\\d.]+)`).exec(header ?? '')?.[1])
  return Number.isFinite(at) && Number.isFinite(total) ? at + total / 2 - (sentAt + receivedAt) / 2 : null
}

/** The quickest answer knows best: it errs by half its trip at most. A clock that was set since is noticed by its size. */
export const learnServerTime = (header: string | null, sentAt: number, receivedAt: number): void => {
  const offset = clockOffset(header, sentAt, receivedAt)
  if (offset === null) return
  const tripMs = receivedAt - sentAt
  const isBetter = tripMs <= shortestTripMs
  const wasClockSet = Math.abs(offset - offsetMs) > tripMs / 2 + shortestTripMs / 2 + 1_000
  if (!isBetter && !wasClockSet) return
  offsetMs = offset
  shortestTripMs = tripMs
}
