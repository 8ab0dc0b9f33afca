import type { Reply } from '@cruddur/shared/activities'
import type { NotificationKind } from '@cruddur/shared/notifications'
import type { UserShort } from '@cruddur/shared/users'
import type { Position } from '../cursor.ts'
import { announce } from '../db/announce.ts'
import { query } from '../db/pool.ts'

export type NotificationRow = {
  uuid: string
  kind: NotificationKind
  actor: UserShort
  /** Comes from JSON, so its times have PostgreSQL's format. */
  activity: Reply | null
  message_group_uuid: string | null
  created_at: Date
  read: boolean
}

// A notification about an activity expires with it.
export const selectNotifications = (user: string, limit: number, position: Position): Promise<NotificationRow[]> =>
  query(
    `SELECT n.uuid, n.kind, n.message_group_uuid, n.created_at, n.read_at IS NOT NULL AS read,
  json_build_object('uuid', actor.uuid, 'handle', actor.handle, 'display_name', actor.display_name) AS actor,
  to_json(activity) AS activity
FROM notifications n
JOIN users actor ON actor.uuid = n.actor_uuid
LEFT JOIN LATERAL (
  SELECT a.uuid, u.handle, u.display_name, a.message, a.likes_count, a.replies_count, a.reposts_count,
    a.reply_to_activity_uuid, a.created_at, a.expires_at,
    EXISTS (SELECT FROM likes l WHERE l.user_uuid = $1 AND l.activity_uuid = a.uuid) AS liked,
    EXISTS (SELECT FROM reposts r WHERE r.user_uuid = $1 AND r.activity_uuid = a.uuid) AS reposted
  FROM activities a JOIN users u ON u.uuid = a.user_uuid
  WHERE a.uuid = n.activity_uuid
) AS activity ON true
WHERE n.user_uuid = $1 AND n.expires_at > now() AND (n.created_at, n.uuid) < ($3, $4)
ORDER BY n.created_at DESC, n.uuid DESC
LIMIT $2`,
    [user, limit, position.at, position.uuid],
  )

type UnreadRow = { notifications: number; messages: number }

// Messages are counted separately. The count of notifications stops at $2.
export const selectUnread = (user: string, most: number): Promise<UnreadRow[]> =>
  query(
    `SELECT (
  SELECT count(*)::int FROM (
    SELECT FROM notifications
    WHERE user_uuid = $1 AND read_at IS NULL AND expires_at > now() AND kind <> 'message'
    LIMIT $2
  ) AS unread
) AS notifications, (
  SELECT coalesce(sum(unread_count), 0)::int FROM message_group_members WHERE user_uuid = $1 AND unread_count > 0
) AS messages`,
    [user, most],
  )

export const updateReadUntil = (user: string, until: string): Promise<{ changed: boolean }[]> =>
  query(
    `WITH told AS (
  UPDATE notifications SET read_at = now()
  WHERE user_uuid = $1 AND read_at IS NULL AND created_at <= $2
  RETURNING user_uuid
)
SELECT count(${announce('notifications', { user_uuid: 'user_uuid' })}) > 0 AS changed
FROM (SELECT DISTINCT user_uuid FROM told) AS reader`,
    [user, until],
  )
