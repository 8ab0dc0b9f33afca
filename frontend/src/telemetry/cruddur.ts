// Everything that telemetry/ knows about this application. The other files work for any page.
import * as activities from '@cruddur/shared/activities'
import type { Endpoint } from '@cruddur/shared/endpoint'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import * as session from '@cruddur/shared/session'
import { relayPath } from '@cruddur/shared/telemetry'
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

/** The page's own token can only post items and is public by design. Without it, errors are not reported. */
export const rollbarToken: string | null = VITE_ROLLBAR_ACCESS_TOKEN || null
export const rollbarEndpoint: string | null =
  rollbarToken && (VITE_ROLLBAR_ENDPOINT || 'https://api.rollbar.com/api/1/item/')

export const rollbarEnvironment: string | undefined = VITE_ROLLBAR_ENVIRONMENT || MODE

export const rollbarReason: string =
  VITE_ROLLBAR_REASON ?? `VITE_ROLLBAR_ACCESS_TOKEN was ${rollbarToken ? '' : 'not '}set when the page was built`

export const relayUrl = (): string => new URL(relayPath, location.origin).href

/** Requests that carry telemetry, and the health check that the page repeats while its Signals dialog is open. */
export const untracedUrls = (): string[] => {
  const healthUrl = new URL(health.healthCheck.path, backendUrl || location.origin).href
  return [relayUrl(), healthUrl, rollbarEndpoint].filter((url) => url !== null)
}

type Route = Pick<Endpoint, 'method' | 'path'>

const isEndpoint = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every operation of the API. */
export const apiRoutes: Route[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)
