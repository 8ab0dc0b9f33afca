import * as activities from '@cruddur/shared/activities'
import * as health from '@cruddur/shared/health'
import * as messages from '@cruddur/shared/messages'
import * as notifications from '@cruddur/shared/notifications'
import * as session from '@cruddur/shared/session'
import * as users from '@cruddur/shared/users'

const isEndpoint = (value: unknown): value is { path: string } =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every path of the API. */
export const contractPaths: string[] = [activities, health, messages, notifications, session, users]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)
  .map(({ path }) => path)
