import { announce } from '../db/announce.ts'
import { query } from '../db/pool.ts'
import { type ActivityRow, columns } from './activities.queries.ts'
import { announceCounts, announceTo } from './announcements.ts'

type Written = { message: string; hashtags: string[]; mentions: string[]; idempotencyKey: string | null }

const onlyOnce = 'ON CONFLICT (user_uuid, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING'

const announceActivity = announce('activity', {
  uuid: 'a.uuid',
  user_uuid: 'a.user_uuid',
  handle: 'u.handle',
  reply_to_activity_uuid: 'a.reply_to_activity_uuid',
})

// $3: the hashtags in the text; $4: the handles in the text.
const tagged = `tagged AS (
  INSERT INTO hashtags (activity_uuid, tag, user_uuid, created_at, expires_at)
  SELECT uuid, tag, user_uuid, created_at, expires_at FROM added, unnest($3::text[]) AS tag
)`
const mentioned = `SELECT u.uuid, $1::uuid, 'mention', a.uuid, a.expires_at
  FROM added a JOIN users u ON u.handle = ANY($4::text[]) AND u.uuid <> $1`

export const insertActivity = (
  author: string,
  { message, hashtags, mentions, idempotencyKey }: Written,
  hours: number,
): Promise<ActivityRow[]> =>
  query(
    `WITH added AS (
  INSERT INTO activities (user_uuid, message, idempotency_key, expires_at)
  VALUES ($1, $2, $5, now() + make_interval(hours => $6))
  ${onlyOnce}
  RETURNING *
), ${tagged}, told AS (
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, expires_at)
  ${mentioned}
  ON CONFLICT DO NOTHING RETURNING user_uuid
)
SELECT ${columns}, ${announceActivity}, ${announceTo('told')}
FROM added a JOIN users u ON u.uuid = a.user_uuid`,
    [author, message, hashtags, mentions, idempotencyKey, hours],
  )

// Every statement that changes an activity's counters or deletes it locks the activity first, so there is no deadlock.
export const insertReply = (
  author: string,
  { message, hashtags, mentions, idempotencyKey }: Written,
  parent: string,
): Promise<ActivityRow[]> =>
  query(
    `WITH parent AS (
  SELECT uuid, user_uuid, expires_at, likes_count, replies_count, reposts_count
  FROM activities WHERE uuid = $6 AND expires_at > now() + interval '1 millisecond' FOR NO KEY UPDATE
), added AS (
  INSERT INTO activities (user_uuid, message, idempotency_key, reply_to_activity_uuid, expires_at)
  SELECT $1, $2, $5, uuid, expires_at FROM parent
  ${onlyOnce}
  RETURNING *
), counted AS (
  UPDATE activities a SET replies_count = a.replies_count + 1 FROM added WHERE a.uuid = added.reply_to_activity_uuid
), ${tagged}, told AS (
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, expires_at)
  SELECT p.user_uuid, $1::uuid, 'reply', a.uuid, a.expires_at FROM added a, parent p WHERE p.user_uuid <> $1
  UNION ALL
  ${mentioned} AND u.uuid <> (SELECT user_uuid FROM parent)
  ON CONFLICT DO NOTHING RETURNING user_uuid
)
SELECT ${columns}, ${announceActivity}, ${announceTo('told')}, ${announceCounts('p', { replies: '+ 1' })}
FROM added a JOIN users u ON u.uuid = a.user_uuid JOIN parent p ON p.uuid = a.reply_to_activity_uuid`,
    [author, message, hashtags, mentions, idempotencyKey, parent],
  )

type RepeatedRow = ActivityRow & { same: boolean }

/** The activity written with this key, and whether it has the same text and parent. */
export const selectByKey = (
  author: string,
  idempotencyKey: string,
  message: string,
  parent: string | null,
): Promise<RepeatedRow[]> =>
  query(
    `SELECT ${columns}, a.message = $3 AND a.reply_to_activity_uuid IS NOT DISTINCT FROM $4::uuid AS same
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.user_uuid = $1 AND a.idempotency_key = $2 AND a.expires_at > now()`,
    [author, idempotencyKey, message, parent],
  )

/** Deletes an activity of the author, with everything that refers to it. */
export const removeActivity = (
  author: string,
  uuid: string,
): Promise<{ uuid: string; reply_to_activity_uuid: string | null }[]> =>
  query(
    `WITH parent AS (
  SELECT uuid, likes_count, replies_count, reposts_count FROM activities
  WHERE uuid = (SELECT reply_to_activity_uuid FROM activities WHERE uuid = $2 AND user_uuid = $1) FOR NO KEY UPDATE
), removed AS (
  DELETE FROM activities
  WHERE uuid = $2 AND user_uuid = $1 AND expires_at > now() AND (SELECT count(*) FROM parent) < 2
  RETURNING uuid, reply_to_activity_uuid
), counted AS (
  UPDATE activities a SET replies_count = a.replies_count - 1
  FROM removed WHERE a.uuid = removed.reply_to_activity_uuid
), told AS (
  SELECT DISTINCT user_uuid FROM notifications WHERE activity_uuid = (SELECT uuid FROM removed)
)
SELECT removed.uuid, removed.reply_to_activity_uuid, ${announce('gone', { uuid: 'removed.uuid' })},
  (SELECT ${announceCounts('parent', { replies: '- 1' })} FROM parent), ${announceTo('told')}
FROM removed`,
    [author, uuid],
  )
