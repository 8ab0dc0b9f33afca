import { parseServerTiming, readClock } from '@cruddur/wire/times'

let offsetMs = 0
let leastErrorMs = Number.POSITIVE_INFINITY

/** Cruds expire by the server's clock. The browser's may be wrong. */
export const serverNow = (): number => Date.now() + offsetMs

/** Keeps the most exact estimate. A jump larger than its error means that a clock was set. */
export const learnServerTime = (header: string | null, sentAt: number, receivedAt: number): void => {
  const { atMs, totalMs } = parseServerTiming(header)
  if (atMs === null || totalMs === null) return
  const read = readClock(sentAt, atMs, atMs + totalMs, receivedAt)
  const wasClockSet = Math.abs(read.offsetMs - offsetMs) > read.errorMs + leastErrorMs + 1_000
  if (read.errorMs > leastErrorMs && !wasClockSet) return
  offsetMs = read.offsetMs
  leastErrorMs = read.errorMs
}
