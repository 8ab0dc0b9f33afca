import { homeFeed } from '@cruddur/shared/activities'
import { useInfiniteQuery } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { withLikes } from './feed.ts'
import { useLikeLedger } from './likes.tsx'

/** Whoever comes back to the page sees what others did meanwhile. */
const freshMs = 5_000

export const useHomeFeed = () => {
  const ledger = useLikeLedger()
  return useInfiniteQuery({
    queryKey: ['activities', 'home'],
    queryFn: async ({ pageParam, signal }) => {
      const askedAt = performance.now()
      const page = await call(homeFeed, pageParam === null ? {} : { after: pageParam }, { signal })
      return withLikes(page, ledger.answersSince(askedAt))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: ({ state }) => (Date.now() - state.dataUpdatedAt > freshMs ? 'always' : false),
  })
}
