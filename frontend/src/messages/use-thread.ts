import { markThreadRead, readThread } from '@cruddur/shared/messages'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { usePageVisible } from '../ui/use-page-visible.ts'
import { knownThread, showRead } from './message-cache.ts'
import { mergedNewest } from './thread-pages.ts'

export const useThread = (uuid: string) => {
  const queries = useQueryClient()
  const { user } = useCurrentUser()
  return useInfiniteQuery({
    queryKey: queryKeys.thread(uuid),
    queryFn: async ({ pageParam: before, signal }) => {
      const known = knownThread(queries, uuid)
      if (before === null) {
        const fresh = await call(readThread, { message_group_uuid: uuid }, { signal })
        return mergedNewest(known?.pages[0], fresh)
      }
      // A message never changes, so older pages are not fetched again.
      const older = known?.pages[known.pageParams.indexOf(before)]
      return older ?? call(readThread, { message_group_uuid: uuid, before }, { signal })
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: user !== null,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: true,
  })
}

/** Marks the thread as read while its end is on the screen. */
export const useRead = (uuid: string, isEndSeen: boolean, unread: number): void => {
  const queries = useQueryClient()
  const isPageVisible = usePageVisible()
  const { mutate } = useMutation({
    mutationFn: () => call(markThreadRead, { message_group_uuid: uuid }),
    onSuccess: () => showRead(queries, uuid),
  })
  useEffect(() => {
    if (isPageVisible && isEndSeen && unread > 0) mutate()
  }, [isPageVisible, isEndSeen, unread, mutate])
}
