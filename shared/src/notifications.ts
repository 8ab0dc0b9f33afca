import * as z from 'zod/mini'
import { Reply } from './activities.ts'
import { endpoint } from './endpoint.ts'
import { NextCursor, pageFields } from './text.ts'
import { UserShort } from './users.ts'

export const notificationKinds = ['reply', 'like', 'repost', 'mention', 'follow', 'message'] as const
export type NotificationKind = (typeof notificationKinds)[number]

export const Notification = z.object({
  uuid: z.uuid(),
  kind: z.enum(notificationKinds),
  /** The user who caused the notification. */
  actor: UserShort,
  /** The liked or reposted activity, or the reply or mention itself. */
  activity: z.nullable(Reply),
  message_group_uuid: z.nullable(z.uuid()),
  created_at: z.iso.datetime(),
  read: z.boolean(),
})
export type Notification = z.infer<typeof Notification>

/** How many notifications and messages the user has not read. */
export const Unread = z.object({ notifications: z.int(), messages: z.int() })
export type Unread = z.infer<typeof Unread>

export const Notifications = z.object({ notifications: z.array(Notification), next_cursor: NextCursor, unread: Unread })
export type Notifications = z.infer<typeof Notifications>

export const listNotifications = endpoint({
  method: 'GET',
  path: '/api/activities/notifications',
  summary: 'Your notifications, newest first',
  input: () => z.strictObject(pageFields()),
  output: Notifications,
})

export const readNotifications = endpoint({
  method: 'POST',
  path: '/api/notifications/read',
  summary: 'Mark all notifications up to a time as read',
  input: () => z.strictObject({ until: z.iso.datetime() }),
  output: Unread,
})

export const countUnread = endpoint({
  method: 'GET',
  path: '/api/unread',
  summary: 'How many notifications and messages you have not read',
  input: () => z.strictObject({}),
  output: Unread,
})
