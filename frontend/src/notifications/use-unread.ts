import { countUnread, type Unread } from '@cruddur/shared/notifications'
import { useQuery } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'

const noneUnread: Unread = { notifications: 0, messages: 0 }

/** The unread counts of the current user. Live events say when to fetch them again. */
export const useUnread = (): Unread => {
  const { user } = useCurrentUser()
  const { data = noneUnread } = useQuery({
    queryKey: queryKeys.unread,
    queryFn: ({ signal }) => call(countUnread, {}, { signal }),
    enabled: user !== null,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: true,
  })
  return user ? data : noneUnread
}
