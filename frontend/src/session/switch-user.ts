import type { Session } from '@cruddur/shared/session'
import type { Query, QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'

const privateKeys = [
  queryKeys.sessions,
  queryKeys.notifications,
  queryKeys.unread,
  queryKeys.messages,
  queryKeys.homeFeed('following'),
]

/** Only its owner may see this data. The next user must not see it even for a moment. */
const isPrivate = (key: readonly unknown[]): boolean =>
  privateKeys.some((begin) => begin.every((word, index) => key[index] === word))

const dependsOnUser = ({ meta }: Pick<Query, 'meta'>): boolean => !meta?.isSameForAll

/** Cancels the requests of the former user. */
export const switchUser = (queries: QueryClient, session: Session): void => {
  const isOther = queries.getQueryData<Session>(queryKeys.session)?.user?.uuid !== session.user?.uuid
  if (isOther) void queries.cancelQueries({ predicate: dependsOnUser }, { silent: true })
  void queries.cancelQueries({ queryKey: queryKeys.session }, { silent: true })
  queries.setQueryData(queryKeys.session, session)
}

/** Runs when the page is drawn for the new user. Removes the former user's data, or fetches it again. */
export const forgetFormerUser = (queries: QueryClient): void => {
  queries.removeQueries({ type: 'inactive', predicate: dependsOnUser })
  void queries.resetQueries({ type: 'active', predicate: (query) => isPrivate(query.queryKey) && hasData(query) })
  void queries.invalidateQueries({
    predicate: (query) => dependsOnUser(query) && (!isPrivate(query.queryKey) || wasCancelled(query)),
  })
}

const hasData = ({ state }: Query): boolean => state.data !== undefined
const wasCancelled = (query: Query): boolean => !hasData(query) && query.state.fetchStatus === 'idle'
