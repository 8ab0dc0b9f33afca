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

type LikesRow = { uuid: string; likes_count: number; changed: boolean }

export type Position = { createdAt: string; uuid: string }

// $1 is who asks, or null. What has expired is no longer counted, nor served, by the database's clock.
const columns = `a.uuid, u.handle, u.display_name, a.message, a.likes_count, a.replies_count, a.reposts_count,
  a.reply_to_activity_uuid, a.created_at, a.expires_at,
  EXISTS (SELECT FROM likes l WHERE l.user_uuid = $1 AND l.activity_uuid = a.uuid) AS liked,
  EXISTS (SELECT FROM reposts r WHERE r.user_uuid = $1 AND r.activity_uuid = a.uuid) AS reposted`

export const selectNewest = (asker: string | null, limit: number): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.reply_to_activity_uuid IS NULL AND a.expires_at > now()
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit],
  )

export const selectOlderThan = (asker: string | null, limit: number, position: Position): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.reply_to_activity_uuid IS NULL AND a.expires_at > now() AND (a.created_at, a.uuid) < ($3, $4)
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit, position.createdAt, position.uuid],
  )

/** The oldest `limit` replies to each of `parents`. */
export const selectReplies = (asker: string | null, parents: string[], limit: number): Promise<ActivityRow[]> =>
  query(
    `SELECT replies.*
FROM unnest($2::uuid[]) AS parent(uuid)
CROSS JOIN LATERAL (
  SELECT ${columns}
  FROM activities a JOIN users u ON u.uuid = a.user_uuid
  WHERE a.reply_to_activity_uuid = parent.uuid AND a.expires_at > now()
  ORDER BY a.created_at, a.uuid
  LIMIT $3
) AS replies
ORDER BY replies.created_at, replies.uuid`,
    [asker, parents, limit],
  )

// The count changes in the statement that changes the likes: right for any number at once, and for a like said twice.
export const insertLike = (user: string, activity: string): Promise<LikesRow[]> =>
  query(
    `WITH added AS (
  INSERT INTO likes (user_uuid, activity_uuid)
  SELECT $1, uuid FROM activities WHERE uuid = $2 AND expires_at > now()
  ON CONFLICT DO NOTHING
  RETURNING activity_uuid
)
UPDATE activities SET likes_count = likes_count + (SELECT count(*) FROM added)
WHERE uuid = $2 AND expires_at > now()
RETURNING uuid, likes_count, EXISTS (SELECT FROM added) AS changed`,
    [user, activity],
  )

export const deleteLike = (user: string, activity: string): Promise<LikesRow[]> =>
  query(
    `WITH removed AS (
  DELETE FROM likes WHERE user_uuid = $1 AND activity_uuid = $2
  RETURNING activity_uuid
)
UPDATE activities SET likes_count = likes_count - (SELECT count(*) FROM removed)
WHERE uuid = $2 AND expires_at > now()
RETURNING uuid, likes_count, EXISTS (SELECT FROM removed) AS changed`,
    [user, activity],
  )
