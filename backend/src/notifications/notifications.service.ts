import type { Notification, Notifications, Unread } from '@cruddur/shared/notifications'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { decodePosition, encodePosition, newest } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { type NotificationRow, selectNotifications, selectUnread, updateReadUntil } from './notifications.queries.ts'

const mostUnread = 1_000

export const readList = traced(
  spanName.notificationList,
  async (user: UserShort, { after, limit }: PageRequest): Promise<Notifications> => {
    const position = after === undefined ? newest : decodePosition(after)
    // One more than asked for tells whether there is a next page.
    const rows = await selectNotifications(user.uuid, limit + 1, position)
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    const unread = await unreadOf(user)
    annotate({ [attr.userId]: user.uuid, [attr.resultLength]: page.length })
    return {
      notifications: page.map(toNotification),
      next_cursor: last ? encodePosition({ at: last.created_at.toISOString(), uuid: last.uuid }) : null,
      unread,
    }
  },
)

export const markRead = traced(spanName.notificationRead, async (user: UserShort, until: string): Promise<Unread> => {
  const [row] = await updateReadUntil(user.uuid, until)
  annotate({ [attr.userId]: user.uuid, [attr.changed]: row?.changed ?? false })
  return unreadOf(user)
})

export const count = traced(spanName.notificationCount, (user: UserShort): Promise<Unread> => unreadOf(user))

const unreadOf = async (user: UserShort): Promise<Unread> => {
  const [unread = { notifications: 0, messages: 0 }] = await selectUnread(user.uuid, mostUnread)
  annotate({ [attr.userId]: user.uuid, [attr.unreadCount]: unread.notifications })
  return unread
}

const toNotification = ({ activity, ...row }: NotificationRow): Notification => ({
  ...row,
  created_at: row.created_at.toISOString(),
  activity: activity && {
    ...activity,
    created_at: new Date(activity.created_at).toISOString(),
    expires_at: new Date(activity.expires_at).toISOString(),
  },
})
