import { type ActivityPage, likeActivity, type Reply, unlikeActivity } from '@cruddur/shared/activities'
import { type InfiniteData, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useState, useSyncExternalStore } from 'react'
import { ApiError, isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { useNotify } from '../ui/notify.ts'
import { wished, withLikes } from './feed.ts'
import { LikeLedger } from './like-ledger.ts'

/** Who acts is not this feature's affair: it says what is to be done, and is called back when somebody acts. */
export type Ask = { asSomebody: (action: () => void) => void; asSomebodyElse: (action: () => void) => void }

type LikesOfThePage = Ask & { ledger: LikeLedger }

const LikesContext = createContext<LikesOfThePage | null>(null)

const useLikes = (): LikesOfThePage => {
  const likes = useContext(LikesContext)
  if (!likes) throw new Error('likes outside of LikesProvider')
  return likes
}

export const useLikeLedger = (): LikeLedger => useLikes().ledger

export const LikesProvider = ({ ask, children }: { ask: Ask; children: ReactNode }) => {
  const queries = useQueryClient()
  const [ledger] = useState(
    () =>
      new LikeLedger(
        (uuid, liked) => call(liked ? likeActivity : unlikeActivity, { uuid }),
        (likes) =>
          queries.setQueriesData<InfiniteData<ActivityPage>>({ queryKey: ['activities'] }, (feed) =>
            feed ? { ...feed, pages: feed.pages.map((page) => withLikes(page, new Map([[likes.uuid, likes]]))) } : feed,
          ),
      ),
  )
  return <LikesContext value={{ ledger, ...ask }}>{children}</LikesContext>
}

export const useLike = (activity: Reply) => {
  const { ledger, asSomebody, asSomebodyElse } = useLikes()
  const notify = useNotify()
  const { uuid } = activity
  const wish = useSyncExternalStore(
    ledger.listen,
    useCallback(() => ledger.wishFor(uuid), [ledger, uuid]),
  )
  const shown = wished(activity, wish)

  const fulfil = (liked: boolean): void => {
    ledger.wish(uuid, liked).catch((error: unknown) => {
      if (isApiError(error, 'unauthenticated')) return asSomebodyElse(() => fulfil(liked))
      notify({
        sentence: `${liked ? 'Like not saved' : 'Like not taken back'}: ${reason(error)}`,
        traceId: error instanceof ApiError ? error.traceId : null,
      })
    })
  }

  return { ...shown, toggle: () => asSomebody(() => fulfil(!shown.liked)) }
}

const reason = (error: unknown): string => {
  if (isApiError(error, 'offline')) return 'you are offline.'
  if (isApiError(error, 'not_found')) return 'this crud is no longer there.'
  if (isApiError(error, 'unavailable', 'unreachable'))
    return 'Cruddur cannot be reached just now. Try again in a moment.'
  if (isApiError(error, 'too_many_requests')) return 'that was a lot of clicks. Try again in a moment.'
  return 'something went wrong on our side.'
}
