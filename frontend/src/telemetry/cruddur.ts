import * as activities from '@cruddur/shared/activities'
import type { Endpoint } from '@cruddur/shared/endpoint'
import { isExpected } from '@cruddur/shared/errors'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import { serviceName } from '@cruddur/shared/service-name'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'
import type { PageOptions } from '@cruddur/trace-web'
import { rollbar } from '@cruddur/trace-web/rollbar'

const env: Partial<ImportMetaEnv> = import.meta.env ?? {}
const accessToken = env.VITE_ROLLBAR_ACCESS_TOKEN

type Route = Pick<Endpoint, 'method' | 'path'>
const isEndpoint = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every operation of the API. */
export const apiRoutes: Route[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)

/** What the tracing of the page has to know about Cruddur. */
export const page: PageOptions = {
  service: serviceName.frontend,
  version: env.SERVICE_VERSION,
  // Only when the API has another origin than the page.
  propagateTo: env.VITE_BACKEND_URL ? [env.VITE_BACKEND_URL] : [],
  routes: apiRoutes,
  isExpected,
  // The page repeats the health check while its Signals dialog is open.
  untraced: [`${env.VITE_BACKEND_URL || ''}${health.healthCheck.path}`],
  sessionKey: 'cruddur.session',
  reports: rollbar({
    accessToken,
    endpoint: env.VITE_ROLLBAR_ENDPOINT || undefined,
    environment: env.VITE_ROLLBAR_ENVIRONMENT || env.MODE,
    because:
      env.VITE_ROLLBAR_REASON ??
      `VITE_ROLLBAR_ACCESS_TOKEN was ${accessToken ? '' : 'not '}set when the page was built`,
  }),
}
