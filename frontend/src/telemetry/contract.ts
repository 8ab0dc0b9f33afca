import * as activities from '@cruddur/shared/activities'
import * as health from '@cruddur/shared/health'
import * as session from '@cruddur/shared/session'

const isEndpoint = (value: unknown): value is { path: string } =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value

/** Every path of the API. */
export const contractPaths: string[] = [activities, health, session]
  .flatMap((room) => Object.values<unknown>(room))
  .filter(isEndpoint)
  .map(({ path }) => path)
