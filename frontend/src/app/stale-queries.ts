import type { LiveEvent } from '@cruddur/shared/live'
import { queryKeys } from '../api/query-keys.ts'

type Page = {
  /** The handle of the signed-in user. */
  handle: string | null
  isNotifiedOf: (uuid: string) => boolean
  showsNotifications: boolean
}

/** The query keys that an event makes stale. An event that carries the new values makes no query stale. */
export const staleQueries = (event: LiveEvent, page: Page): (readonly string[])[] => {
  // The answer for the notifications includes the unread counts.
  const notifications = [queryKeys.notifications, ...(page.showsNotifications ? [] : [queryKeys.unread])]
  switch (event.kind) {
    case 'activity':
    case 'counts':
    case 'followers':
      return []
    case 'gone':
      return page.isNotifiedOf(event.uuid) ? notifications : []
    case 'notifications':
      return notifications
    case 'message':
    case 'message-read':
      return [queryKeys.unread, queryKeys.messageGroups, queryKeys.thread(event.message_group_uuid)]
    case 'profile':
      return [queryKeys.userFeed(event.handle), ...(event.handle === page.handle ? [queryKeys.session] : [])]
    case 'signed-out':
      return [queryKeys.session]
    case 'resync':
      // A lost connection does not change who is signed in.
      return [
        queryKeys.activities,
        queryKeys.trends,
        queryKeys.users,
        queryKeys.notifications,
        queryKeys.unread,
        queryKeys.messages,
      ]
  }
}
