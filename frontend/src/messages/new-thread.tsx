import { listMessageGroups } from '@cruddur/shared/messages'
import { userShort } from '@cruddur/shared/users'
import { useQuery } from '@tanstack/react-query'
import { Link, Navigate } from 'react-router'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { useCurrentUser } from '../ui/current-user.ts'
import { Empty } from '../ui/empty.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Trouble } from '../ui/trouble.tsx'
import type { Conversation } from './message-cache.ts'
import { ThreadFrame } from './thread-frame.tsx'

/** A conversation that has no message yet. After the first message, the page moves to the conversation's address. */
export const NewThread = ({ handle }: { handle: string }) => {
  const { user } = useCurrentUser()
  const isSelf = user?.handle === handle
  const found = useQuery({
    queryKey: queryKeys.conversationWith(handle),
    queryFn: async ({ signal }): Promise<Conversation> => {
      const [person, { message_groups }] = await Promise.all([
        call(userShort, { handle }, { signal }),
        call(listMessageGroups, { handle }, { signal }),
      ])
      return { person, group: message_groups[0] ?? null }
    },
    enabled: user !== null && !isSelf,
    staleTime: 0,
    gcTime: 0,
  })

  if (isSelf)
    return (
      <Empty title="That is you" isWholePage action={<Back />}>
        You cannot send messages to yourself.
      </Empty>
    )
  if (isApiError(found.error, 'not_found', 'invalid_input'))
    return (
      <Empty title="This account doesn’t exist" isWholePage action={<Back />}>
        No account has the handle @{handle}.
      </Empty>
    )
  if (found.data?.group) return <Navigate to={`/messages/${found.data.group.uuid}`} replace />

  return (
    <ThreadFrame other={found.data?.person ?? null} messages={[]}>
      {found.error && <Trouble {...troubleOf('the conversation', found)} />}
      {found.isPending && !found.error && <Skeleton shape="line" count={1} label="Loading the conversation" />}
      {found.data && <p className="thread-beginning">No messages yet. Only the two of you can read this.</p>}
    </ThreadFrame>
  )
}

const Back = () => (
  <Link to="/messages" className="button" data-trace="conversations">
    See your conversations
  </Link>
)
