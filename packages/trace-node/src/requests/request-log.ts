import type { ServerResponse } from 'node:http'
import { networkOf } from '@cruddur/wire/network'
import { Budget } from '../budget.ts'
import { logRequest } from '../logger.ts'
import { activeTraceIds } from '../trace-ids.ts'
import { vendors } from '../vendors.ts'
import { addressOf, type Handler, type Incoming, routeOf, schemeOf, urlOf } from './incoming.ts'
import { isUntraced } from './untraced-requests.ts'

type Options = {
  /** True for an answer that many requests get at once, so that only some of them need a line. */
  readonly isRepeated?: (res: ServerResponse) => boolean
}

/** Writes one line after each request, with the ids of its trace. */
export const requestLog = ({ isRepeated = () => false }: Options = {}): Handler => {
  // Refused requests must not fill the log.
  const refusals = new Budget({ each: { burst: 20, perSecond: 1 } })
  const isTooManyLines = (req: Incoming, res: ServerResponse): boolean =>
    (res.statusCode === 429 && refusals.spend(networkOf(addressOf(req))) > 0) ||
    (isRepeated(res) && refusals.spend('repeated') > 0)

  return (req, res, next) => {
    if (isUntraced(req)) return next()
    const at = new Date()
    const startedAt = performance.now()
    const ids = activeTraceIds()
    res.once('close', () => {
      if (isTooManyLines(req, res)) return
      logRequest(vendors().log, {
        at,
        remoteAddress: addressOf(req),
        method: req.method ?? '',
        scheme: schemeOf(req),
        url: urlOf(req),
        status: res.statusCode,
        durationMs: performance.now() - startedAt,
        route: routeOf(req),
        ids,
      })
    })
    next()
  }
}
