import type { ServerResponse } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { networkOf } from '@cruddur/wire/network'
import type { RequestHandler } from 'express'
import { overloaded } from '../errors.ts'
import { refuseTrace } from '../telemetry/index.ts'

export type OverloadLimits = {
  /** Queries that wait for one of the ten connections. */
  readonly waiting: number
  /** How late the event loop is. */
  readonly lagMs: number
}
export const overloadLimits: OverloadLimits = { waiting: 50, lagMs: 400 }

const resolutionMs = 20
const measuredEveryMs = 500

/** The average delay of the event loop: the smaller one of the last two half seconds. A single pause is no overload. */
const watchLag = (): (() => number) => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  let lagMs = 0
  let lastMs = 0
  setInterval(() => {
    const nowMs = delay.count === 0 ? 0 : delay.mean / 1e6 - resolutionMs
    lagMs = Math.min(lastMs, nowMs)
    lastMs = nowMs
    delay.reset()
  }, measuredEveryMs).unref()
  return () => lagMs
}

const lag = watchLag()

/** Refuses a request at once while too many others wait. `share` is the part of the limits for this kind of request. */
export const shed =
  (waiting: () => number, limits: OverloadLimits, { share = 1 } = {}): RequestHandler =>
  (req, res, next) => {
    if (waiting() < limits.waiting * share && lag() <= limits.lagMs * share) return next()
    refused.add(res)
    refuseTrace(networkOf(req.ip ?? ''))
    next(overloaded())
  }

const refused = new WeakSet<ServerResponse>()
export const wasShed = (res: ServerResponse): boolean => refused.has(res)
