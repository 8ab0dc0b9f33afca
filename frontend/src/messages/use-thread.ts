import { markThreadRead, readThread } from '@cruddur/shared/messages'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'
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
      // A message never changes: what is older is not read again.
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

/** What its reader sees has been read. */
export const useRead = (uuid: string, isEndSeen: boolean, unread: number): void => {
  const queries = useQueryClient()
  const isLookedAt = useVisible()
  const { mutate } = useMutation({
    mutationFn: () => call(markThreadRead, { message_group_uuid: uuid }),
    onSuccess: () => showRead(queries, uuid),
  })
  useEffect(() => {
    if (isLookedAt && isEndSeen && unread > 0) mutate()
  }, [isLookedAt, isEndSeen, unread, mutate])
}

const isVisible = () => document.visibilityState === 'visible'

const useVisible = (): boolean => {
  const [visible, setVisible] = useState(isVisible)
  useEffect(() => {
    const look = () => setVisible(isVisible())
    document.addEventListener('visibilitychange', look)
    return () => document.removeEventListener('visibilitychange', look)
  }, [])
  return visible
}
