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
import { usePageVisible } from '../ui/use-page-visible.ts'
import { newestUnreadAt } from './notification-pages.ts'

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

/** Whether a loaded notification is about this activity. */
export const isNotifiedOf = (queries: QueryClient, activityUuid: string): boolean =>
  queries
    .getQueryData<InfiniteData<Notifications>>(queryKeys.notifications)
    ?.pages.some(({ notifications }) => notifications.some(({ activity }) => activity?.uuid === activityUuid)) ?? false

export const showsNotifications = (queries: QueryClient): boolean =>
  queries.getQueryCache().find({ queryKey: queryKeys.notifications })?.isActive() ?? false

/** Marks notifications as read while the page is visible. */
export const useMarkRead = (notifications: readonly Notification[]): void => {
  const queries = useQueryClient()
  const isVisible = usePageVisible()
  const until = newestUnreadAt(notifications)
  const { mutate } = useMutation({
    mutationFn: (until: string) => call(readNotifications, { until }),
    onSuccess: (unread) => queries.setQueryData<Unread>(queryKeys.unread, unread),
  })

  useEffect(() => {
    if (isVisible && until) mutate(until)
  }, [isVisible, until, mutate])
}

/** Notifications stay marked as new until the page closes, although showing them marks them as read. */
export const useIsNew = (notifications: readonly Notification[]) => {
  const [known] = useState(() => new Map<string, boolean>())
  for (const { uuid, read } of notifications) if (!known.has(uuid) || !read) known.set(uuid, !read)
  return useCallback((uuid: string) => known.get(uuid) ?? false, [known])
}
