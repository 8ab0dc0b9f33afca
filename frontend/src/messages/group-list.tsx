import { listMessageGroups, type MessageGroup } from '@cruddur/shared/messages'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import { Link } from 'react-router'
import { call } from '../api/call.ts'
import { onceEach } from '../api/once-each.ts'
import { queryKeys } from '../api/query-keys.ts'
import { troubleOf } from '../api/trouble-words.ts'
import { withInteraction } from '../telemetry/index.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Badge } from '../ui/badge.tsx'
import { useCurrentUser } from '../ui/current-user.ts'
import { Empty } from '../ui/empty.tsx'
import { ListEnd } from '../ui/list-end.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { TimeAgo } from '../ui/times.tsx'
import { Trouble } from '../ui/trouble.tsx'

/** `selected` is the conversation that is open beside the list. */
export const GroupList = ({ selected }: { selected?: string }) => {
  const { user } = useCurrentUser()
  const list = useInfiniteQuery({
    queryKey: queryKeys.messageGroups,
    queryFn: ({ pageParam, signal }) =>
      call(listMessageGroups, pageParam === null ? {} : { after: pageParam }, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    enabled: user !== null,
    refetchOnReconnect: 'always',
    refetchOnWindowFocus: true,
  })
  const groups = useMemo(
    () => onceEach(list.data?.pages.map(({ message_groups }) => message_groups) ?? []),
    [list.data],
  )
  const items = useRef<HTMLUListElement>(null)

  const trouble = list.error && !list.isFetchNextPageError && <Trouble {...troubleOf('conversations', list)} />
  if (!list.data) return trouble || <Skeleton shape="line" count={4} label="Loading conversations" />
  return (
    <div className="groups">
      {trouble}
      {groups.length === 0 ? (
        <Empty title="No conversations yet">Open someone’s profile and send them a message.</Empty>
      ) : (
        <ul ref={items} aria-label="Conversations, newest first">
          {groups.map((group) => (
            <li key={group.uuid}>
              <Line group={group} isOpen={group.uuid === selected} />
            </li>
          ))}
        </ul>
      )}
      <ListEnd query={list} items={items} onScroll={(load) => void withInteraction('scroll load more', load)} />
    </div>
  )
}

const Line = ({ group, isOpen }: { group: MessageGroup; isOpen: boolean }) => (
  <Link
    to={`/messages/${group.uuid}`}
    className="line group"
    data-trace="open conversation"
    data-unread={group.unread_count > 0 || undefined}
    aria-current={isOpen ? 'page' : undefined}
  >
    <Avatar handle={group.handle} />
    <span className="group-main">
      <span className="group-head">
        <strong dir="auto">{group.display_name}</strong>
        <span className="handle">@{group.handle}</span>
      </span>
      <span className="group-preview" dir="auto">
        {group.message ?? 'No messages yet'}
      </span>
    </span>
    <span className="group-end">
      <TimeAgo at={group.created_at} />
      <Badge count={group.unread_count} label={group.unread_count === 1 ? 'unread message' : 'unread messages'} />
    </span>
  </Link>
)
