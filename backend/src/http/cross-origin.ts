import type { Request, RequestHandler } from 'express'
import { forbidden } from '../errors.ts'
import { traceHeaders } from '../telemetry/index.ts'

const preflightLifetimeSeconds = 600

/** The page calls the backend through its own origin, or directly from this one other origin. */
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

/** Only the page may make changes. Non-browser clients send neither header and carry no cookie. */
export const refuseOtherSites = (req: Request, frontendOrigin: string): void => {
  if (!isFromOurPage(req, frontendOrigin)) throw forbidden('Only the Cruddur page may do this.')
}

const isFromOurPage = (req: Request, frontendOrigin: string): boolean => {
  const { origin, 'sec-fetch-site': site } = req.headers
  if (origin === frontendOrigin) return site !== 'cross-site'
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || URL.parse(origin)?.host === req.headers.host
}
