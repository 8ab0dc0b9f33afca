import type { LiveEvent } from '@cruddur/shared/live'

type Page = {
  /** Of the signed-in user. */
  handle: string | null
  isNotifiedOf: (uuid: string) => boolean
  showsNotifications: boolean
}

/** The query keys that an event makes stale. Events that carry the new values make none stale. */
export const staleQueries = (event: LiveEvent, page: Page): (readonly string[])[] => {
  // The answer for the notifications includes the unread counts.
  const notifications = [['notifications'], ...(page.showsNotifications ? [] : [['unread']])]
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
      return [['unread'], ['messages', 'groups'], ['messages', 'thread', event.message_group_uuid]]
    case 'profile':
      return [['activities', 'user', event.handle], ...(event.handle === page.handle ? [['session']] : [])]
    case 'signed-out':
      return [['session']]
    case 'resync':
      // A lost connection does not change who is signed in.
      return ['activities', 'trends', 'users', 'notifications', 'unread', 'messages'].map((room) => [room])
  }
}
