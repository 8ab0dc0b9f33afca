import { networkOf } from '@cruddur/shared/network'
import { serverTiming } from '@cruddur/shared/telemetry'
import type { RequestHandler } from 'express'
import { openAnswerTrace } from '../telemetry/index.ts'

/** Every answer says how long the server took, when it began by its own clock, and what becomes of its trace. */
export const timeAnswers: RequestHandler = (req, res, next) => {
  const startedMs = performance.now()
  const startedAt = wallClockMs()
  const traceOf = openAnswerTrace()
  const writeHead = res.writeHead
  res.writeHead = ((...args: Parameters<typeof writeHead>) => {
    if (!res.headersSent) {
      const durationMs = performance.now() - startedMs
      const traceparent = traceOf({ address: networkOf(req.ip ?? ''), status: args[0], durationMs })
      res.setHeader('Server-Timing', timingOf(durationMs, startedAt, traceparent))
    }
    return writeHead.apply(res, args)
  }) as typeof writeHead
  next()
}

export const timingOf = (durationMs: number, startedAt: number, traceparent: string | null = null): string => {
  const times = `${serverTiming.total};dur=${durationMs.toFixed(2)}, ${serverTiming.at};desc="${startedAt.toFixed(1)}"`
  return traceparent === null ? times : `${times}, ${serverTiming.traceparent};desc="${traceparent}"`
}

/** Finer than Date.now() as long as the monotonic clock has not been left behind by an adjustment of the wall clock. */
export const wallClockMs = (): number => {
  const fine = performance.timeOrigin + performance.now()
  const coarse = Date.now()
  return Math.abs(fine - coarse) < 2 ? fine : coarse
}
