import type { Request, RequestHandler } from 'express'
import { forbidden } from '../errors.ts'
import { traceHeaders } from '../telemetry/index.ts'

const preflightLifetimeSeconds = 600

/**
 * The page calls its own origin. Only when it was built with the backend's address does it come from another:
 * that one origin is let in, with the headers that a trace needs.
 */
export const allowFrontend =
  (frontendOrigin: string): RequestHandler =>
  (req, res, next) => {
    res.vary('Origin')
    res.setHeader('Timing-Allow-Origin', frontendOrigin)
    if (req.headers.origin === frontendOrigin) {
      res.setHeader('Access-Control-Allow-Origin', frontendOrigin)
      res.setHeader('Access-Control-Allow-Credentials', 'true')
      res.setHeader('Access-Control-Expose-Headers', 'Server-Timing')
    }
    if (req.method !== 'OPTIONS' || !req.headers['access-control-request-method']) return next()
    res.setHeader('Access-Control-Allow-Methods', 'GET, POST, DELETE')
    res.setHeader('Access-Control-Allow-Headers', ['content-type', 'idempotency-key', ...traceHeaders].join(', '))
    res.setHeader('Access-Control-Max-Age', preflightLifetimeSeconds)
    res.status(204).end()
  }

/** Changes are made from the page only. Who sends neither header is no browser, and carries nobody's cookie. */
export const refuseOtherSites = (req: Request, frontendOrigin: string): void => {
  if (!isFromOurPage(req, frontendOrigin)) throw forbidden('This can be done from the page only.')
}

export const isFromOurPage = (req: Request, frontendOrigin: string): boolean => {
  const { origin, 'sec-fetch-site': site } = req.headers
  if (origin === frontendOrigin) return site !== 'cross-site'
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || URL.parse(origin)?.host === req.headers.host
}
