import {
  listNotifications,
  type Notification,
  type Notifications,
  readNotifications,
  type Unread,
} from '@cruddur/shared/notifications'
import {
  type InfiniteData,
  type QueryClient,
  useInfiniteQuery,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { unseenUntil } from './notification-pages.ts'

export const useNotifications = () => {
  const queries = useQueryClient()
  const { user } = useCurrentUser()
  return useInfiniteQuery({
    queryKey: queryKeys.notifications,
    queryFn: async ({ pageParam, signal }) => {
      const page = await call(listNotifications, pageParam === null ? {} : { after: pageParam }, { signal })
      queries.setQueryData<Unread>(queryKeys.unread, page.unread)
      return page
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: user !== null,
    staleTime: 0,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: true,
  })
}

/** Whether something is shown that is about this crud. */
export const isNotifiedOf = (queries: QueryClient, activityUuid: string): boolean =>
  queries
    .getQueryData<InfiniteData<Notifications>>(queryKeys.notifications)
    ?.pages.some(({ notifications }) => notifications.some(({ activity }) => activity?.uuid === activityUuid)) ?? false

const whetherSeen = () => document.visibilityState === 'visible'

export const showsNotifications = (queries: QueryClient): boolean =>
  queries.getQueryCache().find({ queryKey: queryKeys.notifications })?.isActive() ?? false

/** What is shown to somebody who looks has been seen. */
export const useSeen = (notifications: readonly Notification[]): void => {
  const queries = useQueryClient()
  const [isSeen, setSeen] = useState(whetherSeen)
  const until = unseenUntil(notifications)
  const { mutate } = useMutation({
    mutationFn: (until: string) => call(readNotifications, { until }),
    onSuccess: (unread) => queries.setQueryData<Unread>(queryKeys.unread, unread),
  })

  useEffect(() => {
    const look = () => setSeen(whetherSeen())
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])

  useEffect(() => {
    if (isSeen && until) mutate(until)
  }, [isSeen, until, mutate])
}

/** What was new when it came stays marked for as long as the page is open, though it has been read by being shown. */
export const useNewHere = (notifications: readonly Notification[]) => {
  const [known] = useState(() => new Map<string, boolean>())
  for (const { uuid, read } of notifications) if (!known.has(uuid) || !read) known.set(uuid, !read)
  return useCallback((uuid: string) => known.get(uuid) ?? false, [known])
}
