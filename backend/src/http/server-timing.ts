import { serverTiming } from '@cruddur/shared/telemetry'
import type { RequestHandler } from 'express'

/** Every answer says how long the server took and when it began by its own clock: the page computes the network's part from it. */
export const timeAnswers: RequestHandler = (_req, res, next) => {
  const startedMs = performance.now()
  const startedAt = wallClockMs()
  const writeHead = res.writeHead
  res.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!res.headersSent) res.setHeader('Server-Timing', timingOf(performance.now() - startedMs, startedAt))
    return writeHead.apply(res, args)
  }) as typeof writeHead
  next()
}

export const timingOf = (durationMs: number, startedAt: number): string =>
  `${serverTiming.total};dur=${durationMs.toFixed(2)}, ${serverTiming.at};desc="${startedAt.toFixed(1)}"`

/** Finer than Date.now() as long as the monotonic clock has not been left behind by an adjustment of the wall clock. */
export const wallClockMs = (): number => {
  const fine = performance.timeOrigin + performance.now()
  const coarse = Date.now()
  return Math.abs(fine - coarse) < 2 ? fine : coarse
}
