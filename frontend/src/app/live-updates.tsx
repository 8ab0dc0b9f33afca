import type { LiveEvent } from '@cruddur/shared/live'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useMemo } from 'react'
import { noteNewActivity, patchActivity, removeActivity } from '../activities/activity-cache.ts'
import { Live } from '../live/live.tsx'
import { isNotifiedOf, showsNotifications } from '../notifications/use-notifications.ts'
import { useActor } from '../session/actor.tsx'
import { inBackground } from '../telemetry/index.ts'
import { renamePerson, showFollowers } from '../users/person-cache.ts'
import { outdatedBy } from './outdated-by.ts'
import { Soon, type Wish } from './soon.ts'

const togetherMs = 300

/** What others do is shown where it is shown already, without anybody's asking. */
export const LiveUpdates = () => {
  const queries = useQueryClient()
  const { user, isKnown } = useActor()
  const soon = useMemo(() => new Soon<LiveEvent>((wishes) => readAnew(queries, wishes), togetherMs), [queries])
  useEffect(() => () => soon.cancel(), [soon])

  // Changed in another tab, perhaps.
  useEffect(() => {
    if (user) renamePerson(queries, user)
  }, [queries, user])

  const hear = (event: LiveEvent): void => {
    const ask = (key: readonly string[]) => soon.ask(key, [event])
    apply(queries, event, ask)
    const here = {
      handle: user?.handle ?? null,
      isNotifiedOf: (uuid: string) => isNotifiedOf(queries, uuid),
      showsNotifications: showsNotifications(queries),
    }
    for (const key of outdatedBy(event, here)) ask(key)
  }
  return <Live userId={isKnown ? (user?.uuid ?? null) : undefined} on={hear} />
}

/**
 * What nobody looks at is only marked: it is read anew when somebody does. What is being read just now may have been asked for
 * too early: it waits for its turn. One trace for each kind of event, linked to all that caused it.
 */
const readAnew = (queries: QueryClient, wishes: Wish<LiveEvent>[]): Wish<LiveEvent>[] => {
  const busy = wishes.filter(({ key }) => queries.isFetching({ queryKey: key }) > 0)
  const ready = wishes.filter((wish) => !busy.includes(wish))
  for (const kind of new Set(ready.map(kindOf))) {
    const together = ready.filter((wish) => kindOf(wish) === kind)
    const causes = [...new Set(together.flatMap(({ causes }) => [...causes]))].map(({ traceparent }) => traceparent)
    const read = () => {
      for (const { key } of together) void queries.invalidateQueries({ queryKey: key }, { cancelRefetch: false })
    }
    inBackground(`live ${kind}`, read, { causes: causes.filter((cause) => typeof cause === 'string') })
  }
  return busy
}

const kindOf = ({ causes }: Wish<LiveEvent>): LiveEvent['kind'] => [...causes][0]?.kind ?? 'resync'

const apply = (queries: QueryClient, event: LiveEvent, read: (key: readonly string[]) => void): void => {
  if (event.kind === 'activity') noteNewActivity(queries, event, read)
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
