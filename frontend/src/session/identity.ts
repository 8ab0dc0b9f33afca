import type { Session } from '@cruddur/shared/session'
import type { Query, QueryClient } from '@tanstack/react-query'

export const sessionKey = ['session']

const personalRooms = new Set<unknown>(['sessions', 'notifications', 'unread', 'messages'])

/** What nobody but the one who acted may see, not even for the moment until it has been read anew. */
const isPersonal = ([room, page, feed]: readonly unknown[]): boolean =>
  personalRooms.has(room) || (room === 'activities' && page === 'home' && feed === 'following')

const dependsOnActor = ({ meta }: Pick<Query, 'meta'>): boolean => !meta?.isSameForAll

/** Answers on their way were asked for by somebody else: they are not waited for. */
export const become = (queries: QueryClient, session: Session): void => {
  const isOther = queries.getQueryData<Session>(sessionKey)?.user?.uuid !== session.user?.uuid
  if (isOther) void queries.cancelQueries({ predicate: dependsOnActor }, { silent: true })
  void queries.cancelQueries({ queryKey: sessionKey }, { silent: true })
  queries.setQueryData(sessionKey, session)
}

/** After the page has been drawn for who acts now: what was read for the one before is forgotten or read anew. */
export const forgetFormerActor = (queries: QueryClient): void => {
  queries.removeQueries({ type: 'inactive', predicate: dependsOnActor })
  void queries.resetQueries({ type: 'active', predicate: (query) => isPersonal(query.queryKey) && isRead(query) })
  void queries.invalidateQueries({
    predicate: (query) => dependsOnActor(query) && (!isPersonal(query.queryKey) || wasCalledOff(query)),
  })
}

const isRead = ({ state }: Query): boolean => state.data !== undefined
const wasCalledOff = (query: Query): boolean => !isRead(query) && query.state.fetchStatus === 'idle'
