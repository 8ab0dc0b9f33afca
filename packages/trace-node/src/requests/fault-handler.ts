import type { ServerResponse } from 'node:http'
import { textOf } from '../clean-error.ts'
import { isServerFault, reportFault } from '../tracing.ts'
import { vendors } from '../vendors.ts'
import { type Incoming, type Next, pathOf, routeOf, schemeOf } from './incoming.ts'

type Options = {
  /** Whether this error is a fault. */
  readonly isFault?: (error: unknown) => boolean
  /** Whether this fault gets a line in the log. */
  readonly isLogged?: (error: unknown) => boolean
}

/** Reports faults, and leaves the answer to the next error handler. */
export const faults =
  ({ isFault = isServerFault, isLogged = () => true }: Options = {}) =>
  (error: unknown, req: Incoming, _res: ServerResponse, next: Next): void => {
    if (isFault(error)) {
      const uuid = reportFault(error, {
        method: req.method ?? '',
        path: pathOf(req),
        route: routeOf(req),
        host: req.headers.host,
        protocol: schemeOf(req),
        userAgent: req.headers['user-agent'],
      })
      if (isLogged(error)) {
        vendors().log.error('a request failed', { error: textOf(error), rollbar_uuid: uuid ?? undefined })
      }
    }
    next(error)
  }
