import type { LiveEvent } from '@cruddur/shared/live'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { noteNewActivity, patchActivity, removeActivity } from '../activities/cache/activity-cache.ts'
import { Live } from '../live/live.tsx'
import { isNotifiedOf, showsNotifications } from '../notifications/use-notifications.ts'
import { inBackground } from '../telemetry/index.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { renamePerson, showFollowers } from '../users/person-cache.ts'
import { type Refetch, RefetchBatch } from './refetch-batch.ts'
import { staleQueries } from './stale-queries.ts'

const batchMs = 300

/** Shows what other users do, as it happens. */
export const LiveUpdates = () => {
  const queries = useQueryClient()
  const { user, isKnown } = useCurrentUser()
  const batch = useMemo(
    () => new RefetchBatch<LiveEvent>((refetches) => refetchReady(queries, refetches), batchMs),
    [queries],
  )
  useEffect(() => () => batch.cancel(), [batch])

  // The name may have changed in another tab.
  useEffect(() => {
    if (user) renamePerson(queries, user)
  }, [queries, user])

  const hear = (event: LiveEvent): void => {
    const refetch = (key: readonly string[]) => batch.add(key, [event])
    apply(queries, event, refetch)
    const page = {
      handle: user?.handle ?? null,
      isNotifiedOf: (uuid: string) => isNotifiedOf(queries, uuid),
      showsNotifications: showsNotifications(queries),
    }
    for (const key of staleQueries(event, page)) refetch(key)
  }
  return <Live userId={isKnown ? (user?.uuid ?? null) : undefined} on={hear} />
}

/**
 * Fetches the data that the page shows and marks the rest as stale. A running query may have been sent before the
 * change, so it waits for the next batch. Each kind of event is one trace, with a link to every cause.
 */
const refetchReady = (queries: QueryClient, refetches: Refetch<LiveEvent>[]): Refetch<LiveEvent>[] => {
  const busy = refetches.filter(({ key }) => queries.isFetching({ queryKey: key }) > 0)
  const ready = refetches.filter((refetch) => !busy.includes(refetch))
  for (const [kind, group] of Map.groupBy(ready, kindOf)) {
    const causes = [...new Set(group.flatMap(({ causes }) => [...causes]))].map(({ cause }) => cause ?? null)
    const fetchAll = () => {
      for (const { key } of group) void queries.invalidateQueries({ queryKey: key }, { cancelRefetch: false })
    }
    inBackground(`live ${kind}`, fetchAll, { causes })
  }
  return busy
}

const kindOf = ({ causes }: Refetch<LiveEvent>): LiveEvent['kind'] => [...causes][0]?.kind ?? 'resync'

const apply = (queries: QueryClient, event: LiveEvent, refetch: (key: readonly string[]) => void): void => {
  if (event.kind === 'activity') noteNewActivity(queries, event, refetch)
  if (event.kind === 'followers') showFollowers(queries, event)
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
