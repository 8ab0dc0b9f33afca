import type { UserShort } from '@cruddur/shared/users'
import { announce, announceEach } from '../db/announce.ts'
import { query } from '../db/pool.ts'

export type ProfileRow = UserShort & {
  bio: string
  created_at: Date
  cruds_count: number
  followers_count: number
  following_count: number
}
type FollowRow = { followers_count: number; changed: boolean }

export const selectUser = (handle: string): Promise<UserShort[]> =>
  query('SELECT uuid, handle, display_name FROM users WHERE handle = $1', [handle])

/** $1 is null for a visitor. Every step has a limit and follows an index, so the number of people does not matter. */
export const selectSuggested = (asker: string | null, limit: number): Promise<UserShort[]> =>
  query(
    `WITH newest AS (
  SELECT user_uuid, created_at FROM activities WHERE expires_at > now()
  ORDER BY created_at DESC, uuid DESC LIMIT 500
), authors AS (
  SELECT user_uuid AS uuid, max(created_at) AS wrote_at FROM newest GROUP BY user_uuid
), friends AS (
  SELECT followed_uuid AS uuid FROM follows WHERE follower_uuid = $1 ORDER BY followed_uuid LIMIT 100
), theirs AS (
  SELECT near.uuid, count(*) AS friends
  FROM friends CROSS JOIN LATERAL (
    SELECT followed_uuid AS uuid FROM follows WHERE follower_uuid = friends.uuid ORDER BY followed_uuid LIMIT 100
  ) AS near
  GROUP BY near.uuid
)
SELECT u.uuid, u.handle, u.display_name
FROM authors JOIN users u USING (uuid) LEFT JOIN theirs USING (uuid)
WHERE uuid IS DISTINCT FROM $1
  AND NOT EXISTS (SELECT FROM follows f WHERE f.follower_uuid = $1 AND f.followed_uuid = u.uuid)
ORDER BY theirs.friends DESC NULLS LAST, wrote_at DESC, uuid
LIMIT $2`,
    [asker, limit],
  )

export const updateUser = (
  user: string,
  { display_name, bio }: { display_name: string; bio: string },
): Promise<ProfileRow[]> =>
  query(
    `WITH changed AS (
  UPDATE users SET display_name = $2, bio = $3 WHERE uuid = $1
  RETURNING uuid, handle, display_name, bio, created_at, followers_count, following_count
)
SELECT changed.*,
  (SELECT count(*)::int FROM activities a WHERE a.user_uuid = $1 AND a.expires_at > now()) AS cruds_count
FROM changed, ${announce('profile', { handle: 'changed.handle' })}`,
    [user, display_name, bio],
  )

// Locks both rows in the same order, so that two people who follow each other at once do not deadlock.
const bothExist = `2 = (SELECT count(*) FROM (
    SELECT FROM users WHERE uuid IN ($1, $2) ORDER BY uuid FOR NO KEY UPDATE) AS pair)`

const toldOf = (rows: string, followed: boolean) => `${announceEach('notifications', rows, { user_uuid: 'user_uuid' })}
  + ${announceEach('followers', 'counted WHERE uuid = $2', {
    handle: 'handle',
    followers_count: 'followers_count',
    by: '$1::uuid',
    followed: String(followed),
  })} AS told`

export const insertFollow = (follower: string, followed: string): Promise<FollowRow[]> =>
  query(
    `WITH added AS (
  INSERT INTO follows (follower_uuid, followed_uuid)
  SELECT $1, $2 WHERE ${bothExist}
  ON CONFLICT DO NOTHING
  RETURNING follower_uuid, followed_uuid
), counted AS (
  UPDATE users SET followers_count = followers_count + (uuid = $2)::int, following_count = following_count + (uuid = $1)::int
  WHERE uuid IN ($1, $2) AND EXISTS (SELECT FROM added)
  RETURNING uuid, handle, followers_count
), notified AS (
  INSERT INTO notifications (user_uuid, actor_uuid, kind) SELECT followed_uuid, follower_uuid, 'follow' FROM added
  ON CONFLICT DO NOTHING
  RETURNING user_uuid
)
SELECT coalesce((SELECT followers_count FROM counted WHERE uuid = $2), u.followers_count) AS followers_count,
  EXISTS (SELECT FROM added) AS changed,
  ${toldOf('notified', true)}
FROM users u WHERE u.uuid = $2`,
    [follower, followed],
  )

export const deleteFollow = (follower: string, followed: string): Promise<FollowRow[]> =>
  query(
    `WITH removed AS (
  DELETE FROM follows WHERE follower_uuid = $1 AND followed_uuid = $2 AND ${bothExist}
  RETURNING follower_uuid, followed_uuid
), counted AS (
  UPDATE users SET followers_count = followers_count - (uuid = $2)::int, following_count = following_count - (uuid = $1)::int
  WHERE uuid IN ($1, $2) AND EXISTS (SELECT FROM removed)
  RETURNING uuid, handle, followers_count
), withdrawn AS (
  DELETE FROM notifications WHERE user_uuid = $2 AND actor_uuid = $1 AND kind = 'follow' AND EXISTS (SELECT FROM removed)
  RETURNING user_uuid
)
SELECT coalesce((SELECT followers_count FROM counted WHERE uuid = $2), u.followers_count) AS followers_count,
  EXISTS (SELECT FROM removed) AS changed,
  ${toldOf('withdrawn', false)}
FROM users u WHERE u.uuid = $2`,
    [follower, followed],
  )
