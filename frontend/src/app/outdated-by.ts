import type { LiveEvent } from '@cruddur/shared/live'

type Here = {
  /** Who acts. */
  handle: string | null
  isNotifiedOf: (uuid: string) => boolean
  /** Whether the notifications are shown: they bring the number of the unread with them. */
  showsNotifications: boolean
}

/** Which of what was read is no longer as it was; what an event says of itself is put right without being read. */
export const outdatedBy = (event: LiveEvent, here: Here): (readonly string[])[] => {
  const notifications = [['notifications'], ...(here.showsNotifications ? [] : [['unread']])]
  switch (event.kind) {
    case 'activity':
    case 'counts':
    case 'followers':
      return []
    case 'gone':
      // Its notifications have gone with it.
      return here.isNotifiedOf(event.uuid) ? notifications : []
    case 'notifications':
      return notifications
    case 'message':
    case 'message-read':
      return [['unread'], ['messages', 'groups'], ['messages', 'thread', event.message_group_uuid]]
    case 'profile':
      return [['activities', 'user', event.handle], ...(event.handle === here.handle ? [['session']] : [])]
    case 'signed-out':
      return [['session']]
    case 'resync':
      // All but the session: who acts has not changed by a connection that broke.
      return ['activities', 'trends', 'users', 'notifications', 'unread', 'messages'].map((room) => [room])
  }
}
