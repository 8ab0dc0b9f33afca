import { parseServerTiming, readClock } from '@cruddur/shared/times'

let offsetMs = 0
let leastErrorMs = Number.POSITIVE_INFINITY

/** Whether a crud has expired is for the server's clock to say, and the browser's may be wrong. */
export const serverNow = (): number => Date.now() + offsetMs

/** The answer with the least doubt knows best. A clock that was set since is noticed by its size. */
export const learnServerTime = (header: string | null, sentAt: number, receivedAt: number): void => {
  const { atMs, totalMs } = parseServerTiming(header)
  if (atMs === null || totalMs === null) return
  const read = readClock(sentAt, atMs, atMs + totalMs, receivedAt)
  const wasClockSet = Math.abs(read.offsetMs - offsetMs) > read.errorMs + leastErrorMs + 1_000
  if (read.errorMs > leastErrorMs && !wasClockSet) return
  offsetMs = read.offsetMs
  leastErrorMs = read.errorMs
}
