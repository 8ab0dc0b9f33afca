import { likeActivity, type Reply, repostActivity, unlikeActivity, unrepostActivity } from '@cruddur/shared/activities'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useState, useSyncExternalStore } from 'react'
import { isApiError, traceIdOf } from '../../api/api-error.ts'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { useCurrentUser } from '../../ui/current-user.ts'
import { useNotify } from '../../ui/notify.ts'
import { patchActivity, takeRepostOut } from '../cache/activity-cache.ts'
import { WishLedger, wished } from './wish-ledger.ts'

type Ledgers = { likes: WishLedger; reposts: WishLedger }

const LedgersContext = createContext<Ledgers | null>(null)

const ledgersOver = (queries: QueryClient): Ledgers => ({
  likes: new WishLedger(async (uuid, wish) => {
    const { likes_count, liked } = await call(wish ? likeActivity : unlikeActivity, { uuid })
    patchActivity(queries, uuid, { likes_count, liked })
  }),
  reposts: new WishLedger(async (uuid, wish) => {
    const { reposts_count, reposted } = await call(wish ? repostActivity : unrepostActivity, { uuid })
    patchActivity(queries, uuid, { reposts_count, reposted })
  }),
})

/** The likes and the reposts of this page that are on their way. */
export const LikesProvider = ({ children }: { children: ReactNode }) => {
  const queries = useQueryClient()
  const [ledgers] = useState(() => ledgersOver(queries))
  return <LedgersContext value={ledgers}>{children}</LedgersContext>
}

type Words = { notDone: string; notUndone: string }

const useWish = (ledger: WishLedger, uuid: string, { notDone, notUndone }: Words) => {
  const { whenSignedIn, afterSigningInAgain } = useCurrentUser()
  const notify = useNotify()
  const wish = useSyncExternalStore(
    ledger.listen,
    useCallback(() => ledger.wishFor(uuid), [ledger, uuid]),
  )

  const fulfil = async (on: boolean, whenDone?: () => void): Promise<void> => {
    try {
      await ledger.wish(uuid, on)
      whenDone?.()
    } catch (error) {
      if (isApiError(error, 'unauthenticated')) return afterSigningInAgain(() => void fulfil(on, whenDone))
      notify({
        sentence: `${on ? notDone : notUndone}: ${reason(error)}`,
        traceId: traceIdOf(error),
      })
    }
  }

  return {
    wish,
    fulfil: (on: boolean, whenDone?: () => void) => whenSignedIn(() => void fulfil(on, whenDone)),
  }
}

const useLedgers = (): Ledgers => {
  const ledgers = useContext(LedgersContext)
  if (!ledgers) throw new Error('likes outside of LikesProvider')
  return ledgers
}

export const useLike = ({ uuid, liked, likes_count }: Reply) => {
  const { wish, fulfil } = useWish(useLedgers().likes, uuid, {
    notDone: 'Like not saved',
    notUndone: 'Like not removed',
  })
  const shown = wished(liked, likes_count, wish)
  return { ...shown, toggle: () => fulfil(!shown.on) }
}

export const useRepost = ({ uuid, reposted, reposts_count }: Reply) => {
  const queries = useQueryClient()
  const { user } = useCurrentUser()
  const { wish, fulfil } = useWish(useLedgers().reposts, uuid, {
    notDone: 'Repost not saved',
    notUndone: 'Repost not undone',
  })
  const shown = wished(reposted, reposts_count, wish)

  const seeTo = (on: boolean) => () => {
    if (!user) return
    if (!on) takeRepostOut(queries, uuid, user.handle)
    // What one looks at stays as it is; the lists that the repost belongs into are read anew when one goes there.
    for (const queryKey of [queryKeys.homeFeed('following'), queryKeys.userFeed(user.handle)])
      void queries.invalidateQueries({ queryKey, refetchType: 'none' })
  }

  return { ...shown, toggle: () => fulfil(!shown.on, seeTo(!shown.on)) }
}

const reason = (error: unknown): string => {
  if (isApiError(error, 'offline')) return 'you are offline.'
  if (isApiError(error, 'not_found')) return 'this crud is gone.'
  if (isApiError(error, 'unavailable', 'unreachable')) return 'Cruddur cannot be reached. Try again in a moment.'
  if (isApiError(error, 'too_many_requests')) return 'too many changes. Try again in a moment.'
  return 'something went wrong on our side.'
}
