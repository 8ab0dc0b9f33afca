// What the tracing of this page needs to know about the application.
import * as activities from '@cruddur/shared/activities'
import type { Endpoint } from '@cruddur/shared/endpoint'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'

const {
  MODE,
  VITE_BACKEND_URL,
  VITE_ROLLBAR_ACCESS_TOKEN,
  VITE_ROLLBAR_ENDPOINT,
  VITE_ROLLBAR_ENVIRONMENT,
  VITE_ROLLBAR_REASON,
  SERVICE_VERSION,
} = import.meta.env ?? {}

export const version: string | undefined = SERVICE_VERSION

/** Undefined when the page's own server passes API requests on. */
export const backendUrl: string | undefined = VITE_BACKEND_URL

const token: string | null = VITE_ROLLBAR_ACCESS_TOKEN || null

/** The page's own token can only post items and is public by design. Without it, errors are not reported. */
export const rollbar = {
  token,
  endpoint: token && (VITE_ROLLBAR_ENDPOINT || 'https://api.rollbar.com/api/1/item/'),
  environment: VITE_ROLLBAR_ENVIRONMENT || MODE,
  reason: VITE_ROLLBAR_REASON ?? `VITE_ROLLBAR_ACCESS_TOKEN was ${token ? '' : 'not '}set when the page was built`,
}

/** The health check, which the page repeats while its Signals dialog is open. */
export const untracedUrls = (): string[] => [new URL(health.healthCheck.path, backendUrl || location.origin).href]

type Route = Pick<Endpoint, 'method' | 'path'>

const isEndpoint = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every operation of the API. */
export const apiRoutes: Route[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)
