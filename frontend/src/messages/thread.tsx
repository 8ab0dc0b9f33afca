import { useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link } from 'react-router'
import { isApiError } from '../api/api-error.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { withInteraction } from '../telemetry/index.ts'
import { Empty } from '../ui/empty.tsx'
import { ListEnd } from '../ui/list-end.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Trouble } from '../ui/trouble.tsx'
import { knownGroup } from './message-cache.ts'
import { ThreadFrame } from './thread-frame.tsx'
import { messagesOf } from './thread-pages.ts'
import { useRead, useThread } from './use-thread.ts'

export const Thread = ({ uuid }: { uuid: string }) => {
  const queries = useQueryClient()
  const thread = useThread(uuid)
  const [isEndSeen, setEndSeen] = useState(true)
  const messages = useMemo(() => messagesOf(thread.data?.pages ?? []), [thread.data])
  const group = thread.data?.pages[0]?.message_group ?? knownGroup(queries, uuid)
  const isGone = isApiError(thread.error, 'not_found', 'invalid_input')
  useRead(uuid, isEndSeen, thread.data?.pages[0]?.message_group.unread_count ?? 0)

  if (isGone) return <Gone />
  return (
    <ThreadFrame
      other={group ?? null}
      messages={messages}
      onEndSeen={setEndSeen}
      top={
        <>
          {thread.error && !thread.isFetchNextPageError && <Trouble {...troubleOf('the conversation', thread)} />}
          <ListEnd
            query={thread}
            words="Load older messages"
            trace="load older"
            onScroll={(load) => void withInteraction('scroll load older', load)}
          />
          {thread.isPending && !thread.error && <Skeleton shape="line" count={4} label="Loading the conversation" />}
        </>
      }
    >
      {thread.data && !thread.hasNextPage && group && (
        <p className="thread-beginning">The beginning of your conversation with {group.display_name}.</p>
      )}
    </ThreadFrame>
  )
}

const Gone = () => (
  <Empty
    title="No such conversation"
    isWholePage
    action={
      <Link to="/messages" className="button" data-trace="conversations">
        See your conversations
      </Link>
    }
  >
    It belongs to someone else, or it never existed.
  </Empty>
)
