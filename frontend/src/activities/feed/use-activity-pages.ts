import type { PageRequest } from '@cruddur/shared/text'
import { infiniteQueryOptions, type QueryClient, useInfiniteQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue } from 'react'
import { clearNew, withRecentChanges } from '../cache/activity-cache.ts'
import type { Page } from '../cache/activity-pages.ts'

/** A list older than this is fetched again when the window gets the focus. */
const freshMs = 5_000

type Options<Any extends Page> = {
  queryKey: readonly unknown[]
  read: (after: Pick<PageRequest, 'after'>, signal: AbortSignal) => Promise<Any>
  /** The name under which new activities in this list are counted. */
  list?: string
}

export const useActivityPages = <Any extends Page>(options: Options<Any>) =>
  useInfiniteQuery(activityPages(useQueryClient(), options))

export const activityPages = <Any extends Page>(queries: QueryClient, { queryKey, read, list }: Options<Any>) =>
  infiniteQueryOptions({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      const askedAt = performance.now()
      const page = await read(pageParam === null ? {} : { after: pageParam }, signal)
      if (list && pageParam === null) clearNew(queries, list, askedAt)
      return withRecentChanges(queries, page, askedAt)
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: ({ state }) => (Date.now() - state.dataUpdatedAt > freshMs ? 'always' : false),
  })

/** True until the list is drawn. React draws it in small steps behind the skeleton, so clicks still work. */
export const useIsLoading = ({ isPending }: { isPending: boolean }): boolean => {
  const isDrawing = useDeferredValue(isPending)
  return isPending || isDrawing
}
