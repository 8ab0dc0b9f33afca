import type { LiveEvent } from '@cruddur/shared/live'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { noteNewActivity, patchActivity, removeActivity } from '../activities/activity-cache.ts'
import { Live } from '../live/live.tsx'
import { useActor } from '../session/actor.tsx'
import { Soon } from './soon.ts'

const togetherMs = 300

/** What others do is shown where it is shown already, without anybody's asking. */
export const LiveUpdates = () => {
  const queries = useQueryClient()
  const { user, isKnown } = useActor()
  const soon = useMemo(() => new Soon((key) => readAnew(queries, key), togetherMs), [queries])
  useEffect(() => () => soon.cancel(), [soon])
  return <Live userId={isKnown ? (user?.uuid ?? null) : undefined} on={(event) => apply(queries, soon, event)} />
}

/** What nobody looks at is only marked: it is read anew when somebody does. */
const readAnew = (queries: QueryClient, queryKey: readonly string[]): void => {
  void queries.invalidateQueries({ queryKey }, { cancelRefetch: false })
}

const apply = (queries: QueryClient, soon: Soon, event: LiveEvent): void => {
  if (event.kind === 'activity') noteNewActivity(queries, event)
  if (event.kind === 'gone') removeActivity(queries, event.uuid)
  if (event.kind === 'counts') {
    const { uuid, likes_count, replies_count, reposts_count, liked, reposted } = event
    patchActivity(queries, uuid, {
      ...{ likes_count, replies_count, reposts_count },
      ...(liked !== null && { liked }),
      ...(reposted !== null && { reposted }),
    })
  }
  for (const key of outdatedBy(event)) soon.ask(key)
}

const outdatedBy = (event: LiveEvent): (readonly string[])[] => {
  switch (event.kind) {
    case 'activity':
    case 'counts':
    case 'gone':
      return []
    case 'notifications':
      return [['unread'], ['notifications']]
    case 'message':
    case 'message-read':
      return [['unread'], ['messages', 'groups'], ['messages', 'thread', event.message_group_uuid]]
    case 'profile':
      return [
        ['activities', 'user', event.handle],
        ['users', 'short', event.handle],
      ]
    case 'signed-out':
      return [['session']]
    case 'resync':
      // All but the session: who acts has not changed by a connection that broke.
      return ['activities', 'trends', 'users', 'notifications', 'unread', 'messages'].map((room) => [room])
  }
}
