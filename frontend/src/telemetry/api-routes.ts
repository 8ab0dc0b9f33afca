import * as activities from '@cruddur/shared/activities'
import type { Endpoint } from '@cruddur/shared/endpoint'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'

type Route = Pick<Endpoint, 'method' | 'path'>

const isEndpoint = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every operation of the API. */
export const apiRoutes: Route[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)
