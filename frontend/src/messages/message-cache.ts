import type { Message, MessageGroup, MessageGroups, MessageThread } from '@cruddur/shared/messages'
import type { Unread } from '@cruddur/shared/notifications'
import type { UserShort } from '@cruddur/shared/users'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { withMessage, withSent } from './thread-pages.ts'

export type ThreadPages = InfiniteData<MessageThread, string | null>
export type GroupPages = InfiniteData<MessageGroups, string | null>
/** A person, and the conversation with them if it has begun. */
export type Conversation = { person: UserShort; group: MessageGroup | null }

type Other = Pick<UserShort, 'handle' | 'display_name'>

export const knownThread = (queries: QueryClient, uuid: string): ThreadPages | undefined =>
  queries.getQueryData<ThreadPages>(queryKeys.thread(uuid))

export const knownGroup = (queries: QueryClient, uuid: string): MessageGroup | undefined =>
  queries
    .getQueryData<GroupPages>(queryKeys.messageGroups)
    ?.pages.flatMap(({ message_groups }) => message_groups)
    .find((group) => group.uuid === uuid)

/** A message of the current user. It may be the first one of its conversation. */
export const showSent = (queries: QueryClient, sent: Message, { handle, display_name }: Other): void => {
  const { message_group_uuid: uuid, message, created_at } = sent
  const group: MessageGroup = { uuid, handle, display_name, message, created_at, unread_count: 0 }
  const known = knownThread(queries, uuid)
  if (known) {
    queries.setQueryData(queryKeys.thread(uuid), { ...known, pages: withMessage(known.pages, sent) })
  } else {
    const pages = [{ message_group: group, messages: [sent], next_cursor: null }]
    // Older messages may exist: the thread is fetched when it is opened.
    queries.setQueryData<ThreadPages>(queryKeys.thread(uuid), { pages, pageParams: [null] }, { updatedAt: 0 })
    void queries.invalidateQueries({ queryKey: queryKeys.messageGroups })
  }
  queries.setQueryData<GroupPages>(
    queryKeys.messageGroups,
    (data) => data && { ...data, pages: withSent(data.pages, sent) },
  )
  queries.setQueryData<Conversation>(queryKeys.conversationWith(handle), (found) => found && { ...found, group })
}

export const showRead = (queries: QueryClient, uuid: string): void => {
  const readCount = knownThread(queries, uuid)?.pages[0]?.message_group.unread_count ?? 0
  const read = (group: MessageGroup) =>
    group.uuid === uuid && group.unread_count > 0 ? { ...group, unread_count: 0 } : group
  queries.setQueryData<ThreadPages>(
    queryKeys.thread(uuid),
    (data) =>
      data && { ...data, pages: data.pages.map((page) => ({ ...page, message_group: read(page.message_group) })) },
  )
  queries.setQueryData<GroupPages>(
    queryKeys.messageGroups,
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({ ...page, message_groups: page.message_groups.map(read) })),
      },
  )
  queries.setQueryData<Unread>(
    queryKeys.unread,
    (unread) => unread && { ...unread, messages: Math.max(0, unread.messages - readCount) },
  )
}
