import { setTimeout as delay } from 'node:timers/promises'
import type { Endpoint } from '@cruddur/shared/endpoint'
import { healthCheck } from '@cruddur/shared/health'
import { hopsPath, relayPath } from '@cruddur/shared/telemetry'
import express, { type Express, type Request } from 'express'
import { activityRoutes } from './activities/activities.routes.ts'
import type { Storage } from './db/storage.ts'
import { healthRoutes } from './health/health.routes.ts'
import { sessionCookie } from './http/authenticate.ts'
import { allowFrontend, isFromOurPage, refuseOtherSites } from './http/cross-origin.ts'
import { answerErrors, nothingHere } from './http/error-handler.ts'
import { type Mount, mountOn } from './http/mount.ts'
import { openApiOf } from './http/openapi.ts'
import { limiterOf, type RateLimits } from './http/rate-limits.ts'
import { logRequests } from './http/request-log.ts'
import { securityHeaders } from './http/security-headers.ts'
import { timeAnswers } from './http/server-timing.ts'
import { type OverloadLimits, overloadLimits, shed } from './http/shed.ts'
import { liveRoutes } from './live/live.routes.ts'
import type { Live } from './live/live.service.ts'
import { messageRoutes } from './messages/messages.routes.ts'
import { notificationRoutes } from './notifications/notifications.routes.ts'
import { sessionRoutes } from './session/session.routes.ts'
import { type Recognised, recognise, userOfSession } from './session/session.service.ts'
import { takeHops } from './telemetry/hops.ts'
import { isUntraced } from './telemetry/index.ts'
import { relay } from './telemetry/relay.ts'
import { userRoutes } from './users/users.routes.ts'

const userWaitMs = 500

export type Dependencies = {
  readonly frontendUrl: string
  readonly version: string
  readonly demoPeople: boolean
  /** Addresses and networks whose word about where a request came from is taken. */
  readonly trustedProxies: readonly string[]
  readonly rateLimits: RateLimits
  /** Asked each time: it may become known only later. */
  readonly traceLinkTemplate: () => string | null
  readonly storage: {
    readonly assertReady: () => void
    readonly check: Storage['check']
    readonly waiting: () => number
  }
  readonly live: Live
  readonly overload?: OverloadLimits
}

/** Everything but listening. */
export const createApp = ({
  frontendUrl,
  version,
  demoPeople,
  trustedProxies,
  rateLimits,
  traceLinkTemplate,
  storage,
  live,
  overload = overloadLimits,
}: Dependencies): Express => {
  const { origin, protocol } = new URL(frontendUrl)
  const https = protocol === 'https:'
  const cookie = sessionCookie({ https })
  const limiter = limiterOf(rateLimits)

  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // The frontend's server stands before us and says whom it speaks for.
  app.set('trust proxy', trustedProxies)

  app.use(timeAnswers, logRequests, securityHeaders({ https }))
  const userOf = async (req: Request): Promise<string | null> => {
    const token = cookie.read(req)
    if (token === undefined) return null
    try {
      storage.assertReady()
      // Spans are taken in without their database.
      return await Promise.race([userOfSession(token), delay(userWaitMs, null, { ref: false })])
    } catch {
      return null
    }
  }
  // Spans can wait where they are: they are refused before anything else is.
  const shedSpans = shed(storage.waiting, overload, { share: 0.5 })
  app.all(relayPath, shedSpans, relay({ isFromOurPage: (req) => isFromOurPage(req, origin), userOf }))
  // What it passes on for others says for whom.
  const isPageServer = ({ headers, socket }: Request): boolean =>
    headers['x-forwarded-for'] === undefined && app.get('trust proxy fn')(socket.remoteAddress, 0)
  app.all(hopsPath, shedSpans, takeHops(isPageServer))
  app.use(allowFrontend(origin))
  const shedUser = shed(storage.waiting, overload)
  app.use((req, res, next) => (req.path === healthCheck.path ? next() : shedUser(req, res, next)))

  const admit = (req: Request) => {
    limiter.request(req)
    if (req.method !== 'GET') refuseOtherSites(req, origin)
  }
  const recogniseRequest = async (req: Request): Promise<Recognised | null> => {
    storage.assertReady()
    const token = cookie.read(req)
    return token === undefined ? null : recognise(token)
  }
  const identify = async (req: Request) => {
    const { user } = (await recogniseRequest(req)) ?? { user: null }
    if (user && req.method !== 'GET') limiter.write(user.uuid)
    return user
  }
  const mounted: Endpoint[] = []
  const noting =
    (mount: Mount): Mount =>
    (endpoint, answer) => {
      mounted.push(endpoint)
      mount(endpoint, answer)
    }
  const mount = noting(mountOn(app, { admit, identify }))
  activityRoutes(mount)
  notificationRoutes(mount)
  messageRoutes(mount)
  sessionRoutes(mount, { cookie, demoPeople, limiter })
  userRoutes(mount, limiter)
  // A balancer's probe is never refused; what makes spans is limited like the rest.
  const admitTraced = (req: Request) => {
    if (!isUntraced(req)) limiter.request(req)
  }
  healthRoutes(noting(mountOn(app, { admit: admitTraced })), {
    check: storage.check,
    version,
    frontendUrl,
    traceLinkTemplate,
  })
  const admitListener = (req: Request) => {
    limiter.request(req)
    refuseOtherSites(req, origin)
  }
  liveRoutes(app, { live, admit: admitListener, recognise: recogniseRequest })

  // Nothing else is counted above: neither addresses that are none nor faults on demand.
  app.use((req, _res, next) => {
    limiter.request(req)
    next()
  })
  const openApi = openApiOf(mounted)
  app.get('/api/openapi.json', (_req, res) => void res.json(openApi))

  app.get('/rollbar/test', (req) => {
    limiter.fault(req)
    throw new Error('A test of Rollbar: this error was asked for.')
  })

  app.use(nothingHere)
  app.use(answerErrors)
  return app
}
