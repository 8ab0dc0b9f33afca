import { countUnread, type Unread } from '@cruddur/shared/notifications'
import { useQuery } from '@tanstack/react-query'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useCurrentUser } from '../ui/current-user.ts'

const nothing: Unread = { notifications: 0, messages: 0 }

/** How much the one who acts has not seen yet; live events say when to ask again. */
export const useUnread = (): Unread => {
  const { user } = useCurrentUser()
  const { data = nothing } = useQuery({
    queryKey: queryKeys.unread,
    queryFn: ({ signal }) => call(countUnread, {}, { signal }),
    enabled: user !== null,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: true,
  })
  return user ? data : nothing
}
