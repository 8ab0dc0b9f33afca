import type { LiveEvent } from '@cruddur/shared/live'

type Here = {
  /** Who acts. */
  handle: string | null
  isNotifiedOf: (uuid: string) => boolean
}

/** Which of what was read is no longer as it was; what an event says of itself is put right without being read. */
export const outdatedBy = (event: LiveEvent, { handle, isNotifiedOf }: Here): (readonly string[])[] => {
  switch (event.kind) {
    case 'activity':
    case 'counts':
      return []
    case 'gone':
      // Its notifications have gone with it.
      return isNotifiedOf(event.uuid) ? [['unread'], ['notifications']] : []
    case 'notifications':
      return [['unread'], ['notifications']]
    case 'message':
    case 'message-read':
      return [['unread'], ['messages', 'groups'], ['messages', 'thread', event.message_group_uuid]]
    case 'profile':
      // It is also said whenever somebody follows them: only who looks at their page asks.
      return [['activities', 'user', event.handle], ...(event.handle === handle ? [['session']] : [])]
    case 'signed-out':
      return [['session']]
    case 'resync':
      // All but the session: who acts has not changed by a connection that broke.
      return ['activities', 'trends', 'users', 'notifications', 'unread', 'messages'].map((room) => [room])
  }
}
