import { query } from '../db/pool.ts'
import { announceCounts, announceTo } from './announcements.ts'

type Reaction = 'like' | 'repost'
type ReactionRow = { uuid: string; count: number; changed: boolean }
type React = (user: string, activity: string) => Promise<ReactionRow[]>

// Locking the activity first keeps its counter equal to its rows, even when many people act at once or a request is
// repeated.
const target = `target AS (
  SELECT uuid, user_uuid, expires_at, likes_count, replies_count, reposts_count
  FROM activities WHERE uuid = $2 AND expires_at > now() FOR NO KEY UPDATE
)`

const give = (kind: Reaction) => `WITH ${target}, added AS (
  INSERT INTO ${kind}s (user_uuid, activity_uuid) SELECT $1, uuid FROM target
  ON CONFLICT DO NOTHING RETURNING activity_uuid
), counted AS (
  UPDATE activities a SET ${kind}s_count = a.${kind}s_count + 1 FROM added WHERE a.uuid = added.activity_uuid
), told AS (
  INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, expires_at)
  SELECT target.user_uuid, $1, '${kind}', target.uuid, target.expires_at FROM target, added WHERE target.user_uuid <> $1
  ON CONFLICT DO NOTHING RETURNING user_uuid
)
SELECT target.uuid, target.${kind}s_count + (SELECT count(*) FROM added)::int AS count,
  EXISTS (SELECT FROM added) AS changed,
  (SELECT ${announceCounts('target', { [`${kind}s`]: '+ 1' })} FROM added), ${announceTo('told')}
FROM target`

const takeBack = (kind: Reaction) => `WITH ${target}, removed AS (
  DELETE FROM ${kind}s USING target WHERE ${kind}s.user_uuid = $1 AND ${kind}s.activity_uuid = target.uuid
  RETURNING activity_uuid
), counted AS (
  UPDATE activities a SET ${kind}s_count = a.${kind}s_count - 1 FROM removed WHERE a.uuid = removed.activity_uuid
), told AS (
  DELETE FROM notifications n USING target, removed
  WHERE n.user_uuid = target.user_uuid AND n.actor_uuid = $1 AND n.kind = '${kind}' AND n.activity_uuid = target.uuid
  RETURNING n.user_uuid
)
SELECT target.uuid, target.${kind}s_count - (SELECT count(*) FROM removed)::int AS count,
  EXISTS (SELECT FROM removed) AS changed,
  (SELECT ${announceCounts('target', { [`${kind}s`]: '- 1' })} FROM removed), ${announceTo('told')}
FROM target`

const by =
  (statement: string): React =>
  (user, activity) =>
    query(statement, [user, activity])

export const insertLike = by(give('like'))
export const deleteLike = by(takeBack('like'))
export const insertRepost = by(give('repost'))
export const deleteRepost = by(takeBack('repost'))
