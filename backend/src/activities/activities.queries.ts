import type { Position } from '../cursor.ts'
import { query } from '../db/pool.ts'

export type ActivityRow = {
  uuid: string
  handle: string
  display_name: string
  message: string
  likes_count: number
  replies_count: number
  reposts_count: number
  liked: boolean
  reposted: boolean
  reply_to_activity_uuid: string | null
  created_at: Date
  expires_at: Date
}

/** The columns of an activity `a` and its author `u`. $1 is the user who asks, or null. */
export const columns = `a.uuid, u.handle, u.display_name, a.message, a.likes_count, a.replies_count, a.reposts_count,
  a.reply_to_activity_uuid, a.created_at, a.expires_at,
  EXISTS (SELECT FROM likes l WHERE l.user_uuid = $1 AND l.activity_uuid = a.uuid) AS liked,
  EXISTS (SELECT FROM reposts r WHERE r.user_uuid = $1 AND r.activity_uuid = a.uuid) AS reposted`

export const selectActivity = (asker: string | null, uuid: string): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.uuid = $2 AND a.expires_at > now()`,
    [asker, uuid],
  )

export const selectRepliesAfter = (
  asker: string | null,
  parent: string,
  limit: number,
  position: Position,
): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.reply_to_activity_uuid = $2 AND a.expires_at > now() AND (a.created_at, a.uuid) > ($4, $5)
ORDER BY a.created_at, a.uuid
LIMIT $3`,
    [asker, parent, limit, position.at, position.uuid],
  )

/** The newest `limit` replies to each parent, oldest first. */
export const selectNewestReplies = (asker: string | null, parents: string[], limit: number): Promise<ActivityRow[]> =>
  query(
    `SELECT replies.*
FROM unnest($2::uuid[]) AS parent(uuid)
CROSS JOIN LATERAL (
  SELECT ${columns}
  FROM activities a JOIN users u ON u.uuid = a.user_uuid
  WHERE a.reply_to_activity_uuid = parent.uuid AND a.expires_at > now()
  ORDER BY a.created_at DESC, a.uuid DESC
  LIMIT $3
) AS replies
ORDER BY replies.created_at, replies.uuid`,
    [asker, parents, limit],
  )
