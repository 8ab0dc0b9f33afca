import type { Notification, Notifications, Unread } from '@cruddur/shared/notifications'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { pageOf, positionOf } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { type NotificationRow, selectNotifications, selectUnread, updateReadUntil } from './notifications.queries.ts'

const mostUnread = 1_000

export const readList = traced(
  spanName.notificationList,
  async (user: UserShort, { after, limit }: PageRequest): Promise<Notifications> => {
    const page = pageOf(await selectNotifications(user.uuid, limit + 1, positionOf(after)), limit)
    const unread = await unreadOf(user)
    annotate({ [attr.resultLength]: page.rows.length })
    return {
      notifications: page.rows.map(toNotification),
      next_cursor: page.next_cursor,
      unread,
    }
  },
)

export const markRead = traced(spanName.notificationRead, async (user: UserShort, until: string): Promise<Unread> => {
  const [row] = await updateReadUntil(user.uuid, until)
  annotate({ [attr.changed]: row?.changed ?? false })
  return unreadOf(user)
})

export const count = traced(spanName.notificationCount, (user: UserShort): Promise<Unread> => unreadOf(user))

const unreadOf = async (user: UserShort): Promise<Unread> => {
  const [unread = { notifications: 0, messages: 0 }] = await selectUnread(user.uuid, mostUnread)
  annotate({ [attr.unreadCount]: unread.notifications })
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
