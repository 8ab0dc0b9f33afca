import type { LiveEvent } from '@cruddur/shared/live'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { noteNewActivity, patchActivity, removeActivity } from '../activities/activity-cache.ts'
import { Live } from '../live/live.tsx'
import { isNotifiedOf } from '../notifications/use-notifications.ts'
import { useActor } from '../session/actor.tsx'
import { renamePerson } from '../users/person-cache.ts'
import { outdatedBy } from './outdated-by.ts'
import { Soon } from './soon.ts'

const togetherMs = 300

/** What others do is shown where it is shown already, without anybody's asking. */
export const LiveUpdates = () => {
  const queries = useQueryClient()
  const { user, isKnown } = useActor()
  const soon = useMemo(() => new Soon((key) => readAnew(queries, key), togetherMs), [queries])
  useEffect(() => () => soon.cancel(), [soon])

  // Changed in another tab, perhaps.
  useEffect(() => {
    if (user) renamePerson(queries, user)
  }, [queries, user])

  const hear = (event: LiveEvent): void => {
    apply(queries, event)
    const here = { handle: user?.handle ?? null, isNotifiedOf: (uuid: string) => isNotifiedOf(queries, uuid) }
    for (const key of outdatedBy(event, here)) soon.ask(key)
  }
  return <Live userId={isKnown ? (user?.uuid ?? null) : undefined} on={hear} />
}

/**
 * What nobody looks at is only marked: it is read anew when somebody does. What is being read just now may have been asked for
 * too early: it waits for its turn.
 */
const readAnew = (queries: QueryClient, queryKey: readonly string[]): boolean => {
  if (queries.isFetching({ queryKey }) > 0) return false
  void queries.invalidateQueries({ queryKey }, { cancelRefetch: false })
  return true
}

const apply = (queries: QueryClient, event: LiveEvent): void => {
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
}
