import type { RequestHandler } from 'express'
import { activeTraceIds, isUntraced, log, logRequest } from '../telemetry/index.ts'

/** One line after each request, with the ids of its trace. */
export const logRequests: RequestHandler = (req, res, next) => {
  if (isUntraced(req)) return next()
  const at = new Date()
  const startedAt = performance.now()
  const ids = activeTraceIds()
  res.once('close', () => {
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
