import { networkOf } from '@cruddur/wire/network'
import type { Request, RequestHandler, Response } from 'express'
import { activeTraceIds, isUntraced, log, logRequest } from '../telemetry/index.ts'
import { Budget } from './budget.ts'
import { wasShed } from './shed.ts'

/** Refused requests must not fill the log. */
const refusals = new Budget({ each: { burst: 20, perSecond: 1 } })
const isTooManyLines = (req: Request, res: Response): boolean =>
  (res.statusCode === 429 && refusals.spend(networkOf(req.ip ?? '')) > 0) ||
  (wasShed(res) && refusals.spend('shed') > 0)

/** Writes one line after each request, with the ids of its trace. */
export const logRequests: RequestHandler = (req, res, next) => {
  if (isUntraced(req)) return next()
  const at = new Date()
  const startedAt = performance.now()
  const ids = activeTraceIds()
  res.once('close', () => {
    if (isTooManyLines(req, res)) return
    logRequest(log, {
      at,
      remoteAddress: req.ip,
      method: req.method,
      scheme: req.protocol,
      url: req.originalUrl,
      status: res.statusCode,
      durationMs: performance.now() - startedAt,
      route: req.route ? req.baseUrl + String(req.route.path) : undefined,
      ids,
    })
  })
  next()
}
