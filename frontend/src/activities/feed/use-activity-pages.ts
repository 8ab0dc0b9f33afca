import type { PageRequest } from '@cruddur/shared/text'
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { nothingNewIn, withWhatIsKnown } from '../cache/activity-cache.ts'
import type { Page } from '../cache/activity-pages.ts'

/** Whoever comes back to the page sees what others did meanwhile. */
const freshMs = 5_000

type Given<Any extends Page> = {
  queryKey: readonly unknown[]
  read: (after: Pick<PageRequest, 'after'>, signal: AbortSignal) => Promise<Any>
  /** Under which name what is new in it is counted. */
  list?: string
  isWanted?: boolean
}

export const useActivityPages = <Any extends Page>({ queryKey, read, list, isWanted = true }: Given<Any>) => {
  const queries = useQueryClient()
  return useInfiniteQuery({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      const askedAt = performance.now()
      const page = await read(pageParam === null ? {} : { after: pageParam }, signal)
      if (list && pageParam === null) nothingNewIn(queries, list, askedAt)
      return withWhatIsKnown(queries, page, askedAt)
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: isWanted,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: ({ state }) => (Date.now() - state.dataUpdatedAt > freshMs ? 'always' : false),
  })
}
