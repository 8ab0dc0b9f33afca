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
  switch (event.kind) {
    case 'activity':
      return noteNewActivity(queries, event)
    case 'counts': {
      const { uuid, likes_count, replies_count, reposts_count, liked, reposted } = event
      return patchActivity(queries, uuid, {
        ...{ likes_count, replies_count, reposts_count },
        ...(liked !== null && { liked }),
        ...(reposted !== null && { reposted }),
      })
    }
    case 'gone':
      return removeActivity(queries, event.uuid)
    case 'notifications':
      soon.ask(['unread'])
      return soon.ask(['notifications'])
    case 'message':
    case 'message-read':
      soon.ask(['unread'])
      soon.ask(['messages', 'groups'])
      return soon.ask(['messages', 'thread', event.message_group_uuid])
    case 'profile':
      soon.ask(['activities', 'user', event.handle])
      return soon.ask(['users', 'short', event.handle])
    case 'signed-out':
      return soon.ask(['session'])
    case 'resync':
      // All but the session: who acts has not changed by a connection that broke.
      for (const room of ['activities', 'trends', 'users', 'notifications', 'unread', 'messages']) soon.ask([room])
  }
}
