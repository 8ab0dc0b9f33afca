import type { Message, MessageGroup, MessageGroups, MessageThread } from '@cruddur/shared/messages'
import type { Unread } from '@cruddur/shared/notifications'
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { withMessage, withSent } from './thread-pages.ts'

export type ThreadPages = InfiniteData<MessageThread, string | null>
export type GroupPages = InfiniteData<MessageGroups, string | null>

export const knownThread = (queries: QueryClient, uuid: string): ThreadPages | undefined =>
  queries.getQueryData<ThreadPages>(queryKeys.thread(uuid))

export const knownGroup = (queries: QueryClient, uuid: string): MessageGroup | undefined =>
  queries
    .getQueryData<GroupPages>(queryKeys.messageGroups)
    ?.pages.flatMap(({ message_groups }) => message_groups)
    .find((group) => group.uuid === uuid)

/** One's own, just sent: at the end of its conversation, which is now the newest. */
export const showSent = (queries: QueryClient, sent: Message): void => {
  queries.setQueryData<ThreadPages>(
    queryKeys.thread(sent.message_group_uuid),
    (data) => data && { ...data, pages: withMessage(data.pages, sent) },
  )
  queries.setQueryData<GroupPages>(
    queryKeys.messageGroups,
    (data) => data && { ...data, pages: withSent(data.pages, sent) },
  )
}

/** A conversation that has begun: shown at once, and read anew, for it may have been there. */
export const showBegun = (queries: QueryClient, other: { handle: string; display_name: string }, sent: Message) => {
  const { message_group_uuid: uuid, message, created_at } = sent
  const message_group = { uuid, ...other, message, created_at, unread_count: 0 }
  const data: ThreadPages = { pages: [{ message_group, messages: [sent], next_cursor: null }], pageParams: [null] }
  queries.setQueryData(queryKeys.thread(uuid), data, { updatedAt: 0 })
  void queries.invalidateQueries({ queryKey: queryKeys.messageGroups })
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
