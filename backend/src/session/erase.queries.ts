import { announceEach } from '../db/announce.ts'
import { inTransaction } from '../db/pool.ts'

const patienceMs = 30_000

// All statements lock in the same order: people by uuid, then activities, parents first.
const lockPeople = `SELECT FROM users
WHERE uuid = $1
  OR uuid IN (SELECT followed_uuid FROM follows WHERE follower_uuid = $1)
  OR uuid IN (SELECT follower_uuid FROM follows WHERE followed_uuid = $1)
ORDER BY uuid FOR NO KEY UPDATE`

/** While this lock is held, the person can write nothing. */
const lockPerson = 'SELECT FROM users WHERE uuid = $1 AND password_hash = $2 FOR UPDATE'

const uncountReactions = `WITH mine AS (
  SELECT activity_uuid AS uuid, 1 AS likes, 0 AS reposts, 0 AS replies FROM likes WHERE user_uuid = $1
  UNION ALL SELECT activity_uuid, 0, 1, 0 FROM reposts WHERE user_uuid = $1
  UNION ALL SELECT reply_to_activity_uuid, 0, 0, 1 FROM activities WHERE user_uuid = $1
), counted AS (
  SELECT uuid, sum(likes) AS likes, sum(reposts) AS reposts, sum(replies) AS replies FROM mine GROUP BY uuid
), locked AS (
  SELECT a.uuid FROM activities a JOIN counted USING (uuid)
  WHERE a.user_uuid <> $1 ORDER BY a.created_at, a.uuid FOR NO KEY UPDATE OF a
), changed AS (
  UPDATE activities a SET likes_count = a.likes_count - c.likes, reposts_count = a.reposts_count - c.reposts,
    replies_count = a.replies_count - c.replies
  FROM locked JOIN counted c USING (uuid) WHERE a.uuid = locked.uuid
  RETURNING a.*
)
SELECT ${announceEach('counts', 'changed WHERE expires_at > now()', {
  uuid: 'uuid',
  likes_count: 'likes_count',
  replies_count: 'replies_count',
  reposts_count: 'reposts_count',
  by: '$1::uuid',
  liked: 'null',
  reposted: 'null',
})}`

const uncountFollows = `WITH mine AS (
  SELECT followed_uuid AS uuid, 1 AS followers, 0 AS following FROM follows WHERE follower_uuid = $1
  UNION ALL SELECT follower_uuid, 0, 1 FROM follows WHERE followed_uuid = $1
), counted AS (
  SELECT uuid, sum(followers) AS followers, sum(following) AS following FROM mine GROUP BY uuid
), changed AS (
  UPDATE users u SET followers_count = u.followers_count - c.followers, following_count = u.following_count - c.following
  FROM counted c WHERE u.uuid = c.uuid
  RETURNING u.handle
)
SELECT ${announceEach('profile', 'changed', { handle: 'handle' })}`

const announceAll = `SELECT
  ${announceEach('gone', 'activities WHERE user_uuid = $1 AND expires_at > now()', { uuid: 'uuid' })},
  ${announceEach('notifications', '(SELECT DISTINCT user_uuid FROM notifications WHERE actor_uuid = $1) AS told', {
    user_uuid: 'user_uuid',
  })},
  ${announceEach('message', 'message_group_members WHERE user_uuid = $1', {
    message_group_uuid: 'message_group_uuid',
    by: '$1::uuid',
    to: 'other_uuid',
  })},
  ${announceEach('profile', 'users WHERE uuid = $1', { handle: 'handle' })},
  ${announceEach('sessions-ended', 'sessions WHERE user_uuid = $1', { session_uuids: 'json_build_array(uuid)' })}`

/** Deletes a person and everything that refers to them. False if the password has changed since it was compared. */
export const deletePerson = (user: string, passwordHash: string): Promise<boolean> =>
  inTransaction(patienceMs, async (query) => {
    await query(lockPeople, [user])
    const person = await query(lockPerson, [user, passwordHash])
    if (person.length === 0) return false
    for (const statement of [uncountReactions, uncountFollows, announceAll, 'DELETE FROM users WHERE uuid = $1'])
      await query(statement, [user])
    return true
  })
