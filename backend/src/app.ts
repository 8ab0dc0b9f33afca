import { setTimeout as delay } from 'node:timers/promises'
import type { Endpoint } from '@cruddur/shared/endpoint'
import { healthCheck } from '@cruddur/shared/health'
import { serviceName } from '@cruddur/shared/service-name'
import { hops, relay, requestLog, serverTiming } from '@cruddur/trace-node/express'
import { hopsPath, relayPath } from '@cruddur/wire/names'
import express, { type Express, type Request } from 'express'
import { activityRoutes } from './activities/activities.routes.ts'
import type { Storage } from './db/storage.ts'
import { healthRoutes } from './health/health.routes.ts'
import { allowFrontend, refuseOtherSites } from './http/cross-origin.ts'
import { answerErrors, refuseUnknownPath, reportFaults } from './http/error-handler.ts'
import { mountOn } from './http/mount.ts'
import { openApiOf } from './http/openapi.ts'
import { limiterOf, type RateLimits } from './http/rate-limits.ts'
import { securityHeaders } from './http/security-headers.ts'
import { sessionCookie } from './http/session-cookie.ts'
import { type OverloadLimits, overloadLimits, shed, wasShed } from './http/shed.ts'
import { liveRoutes } from './live/live.routes.ts'
import type { Live } from './live/live.service.ts'
import { messageRoutes } from './messages/messages.routes.ts'
import { notificationRoutes } from './notifications/notifications.routes.ts'
import { sessionRoutes } from './session/session.routes.ts'
import { type Recognised, recognise, userOfSession } from './session/session.service.ts'
import { isUntraced } from './telemetry/index.ts'
import { userRoutes } from './users/users.routes.ts'

const userWaitMs = 500

export type Dependencies = {
  readonly frontendUrl: string
  readonly version: string
  readonly demoPeople: boolean
  /** Proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[]
  readonly rateLimits: RateLimits
  /** Returns null until the place of the traces is known. */
  readonly traceLinkTemplate: () => string | null
  readonly storage: {
    readonly assertReady: () => void
    readonly check: Storage['check']
    readonly waiting: () => number
  }
  readonly live: Live
  readonly overload?: OverloadLimits
}

/** Creates the application, which does not listen yet. */
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
  app.set('trust proxy', trustedProxies)

  app.use(serverTiming(), requestLog({ isRepeated: wasShed }), securityHeaders({ https }))
  const userOf = async (req: Request): Promise<string | null> => {
    const token = cookie.read(req)
    if (token === undefined) return null
    try {
      storage.assertReady()
      // Spans are accepted without a user when the database does not answer in time.
      return await Promise.race([userOfSession(token), delay(userWaitMs, null, { ref: false })])
    } catch {
      return null
    }
  }
  // Spans can wait in the page, so they are refused first.
  const shedSpans = shed(storage.waiting, overload, { share: 0.5 })
  app.all(relayPath, shedSpans, relay({ allowOrigins: [origin], service: serviceName.frontend, userOf }))
  // Requests that the page's server forwards for a browser have X-Forwarded-For.
  const isPageServer = ({ headers, socket }: Request): boolean =>
    headers['x-forwarded-for'] === undefined && app.get('trust proxy fn')(socket.remoteAddress, 0)
  app.all(hopsPath, shedSpans, hops({ isPageServer, service: serviceName.frontendServer }))
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
  const mount = mountOn(app, { admit, identify, mounted })
  activityRoutes(mount)
  notificationRoutes(mount)
  messageRoutes(mount)
  sessionRoutes(mount, { cookie, demoPeople, limiter })
  userRoutes(mount, limiter)
  // A load balancer's probe is never refused. A traced health check is limited like any request.
  const admitProbe = (req: Request) => {
    if (!isUntraced(req)) limiter.request(req)
  }
  healthRoutes(mountOn(app, { admit: admitProbe, mounted }), {
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

  // The limit also holds for the routes below and for unknown paths.
  app.use((req, _res, next) => {
    limiter.request(req)
    next()
  })
  const openApi = openApiOf(mounted)
  app.get('/api/openapi.json', (_req, res) => void res.json(openApi))

  app.get('/rollbar/test', (req) => {
    limiter.fault(req)
    throw new Error('A test of Rollbar: someone asked for this error.')
  })

  app.use(refuseUnknownPath)
  app.use(reportFaults, answerErrors)
  return app
}
