import type { Position } from '../cursor.ts'
import { announce, announceEach } from '../db/announce.ts'
import { query } from '../db/pool.ts'

export type GroupRow = {
  uuid: string
  handle: string
  display_name: string
  message: string | null
  created_at: Date
  unread_count: number
}
export type MessageRow = {
  uuid: string
  message_group_uuid: string
  handle: string
  display_name: string
  message: string
  created_at: Date
}

// The conversations of the user $1.
const groups = `SELECT g.message_group_uuid AS uuid, u.handle, u.display_name, last.message,
  g.last_message_at AS created_at, g.unread_count
FROM message_group_members g
JOIN users u ON u.uuid = g.other_uuid
LEFT JOIN LATERAL (
  SELECT m.message FROM messages m WHERE m.message_group_uuid = g.message_group_uuid
  ORDER BY m.created_at DESC, m.uuid DESC LIMIT 1
) AS last ON true
WHERE g.user_uuid = $1`

export const selectGroups = (owner: string, limit: number, position: Position): Promise<GroupRow[]> =>
  query(
    `${groups} AND (g.last_message_at, g.message_group_uuid) < ($3, $4)
ORDER BY g.last_message_at DESC, g.message_group_uuid DESC
LIMIT $2`,
    [owner, limit, position.at, position.uuid],
  )

export const selectGroupWith = (owner: string, handle: string): Promise<GroupRow[]> =>
  query(
    `${groups} AND g.message_group_uuid = (
  SELECT pair.uuid FROM users other
  JOIN message_groups pair ON pair.first_uuid = least($1, other.uuid) AND pair.second_uuid = greatest($1, other.uuid)
  WHERE other.handle = $2
)`,
    [owner, handle],
  )

export const selectGroup = (owner: string, group: string): Promise<GroupRow[]> =>
  query(`${groups} AND g.message_group_uuid = $2`, [owner, group])

export const selectMessagesBefore = (
  owner: string,
  group: string,
  limit: number,
  position: Position,
): Promise<MessageRow[]> =>
  query(
    `SELECT m.uuid, m.message_group_uuid, u.handle, u.display_name, m.message, m.created_at
FROM messages m JOIN users u ON u.uuid = m.user_uuid
WHERE m.message_group_uuid = $2 AND (m.created_at, m.uuid) < ($4, $5)
  AND EXISTS (SELECT FROM message_group_members g WHERE g.message_group_uuid = $2 AND g.user_uuid = $1)
ORDER BY m.created_at DESC, m.uuid DESC
LIMIT $3`,
    [owner, group, limit, position.at, position.uuid],
  )

export const selectHandle = (handle: string): Promise<{ uuid: string }[]> =>
  query('SELECT uuid FROM users WHERE handle = $1', [handle])

type NewMessage = { message: string; idempotencyKey: string | null }
export type SentRow = { uuid: string; message_group_uuid: string; created_at: Date; other_uuid: string }

// The conversation is locked first, so that two messages never wait for each other. One statement inserts the message,
// updates both members and notifies the other one. `place` selects the conversation.
const insertMessage = (place: string) => `WITH place AS (
  ${place}
), sent AS (
  INSERT INTO messages (message_group_uuid, user_uuid, message, idempotency_key)
  SELECT uuid, $1, $3, $4 FROM place
  ON CONFLICT (user_uuid, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
  RETURNING uuid, message_group_uuid, created_at
), members AS (
  INSERT INTO message_group_members (message_group_uuid, user_uuid, other_uuid, last_message_at, unread_count)
  SELECT sent.message_group_uuid, side.user_uuid, side.other_uuid, sent.created_at, side.unread
  FROM sent, place, LATERAL (VALUES ($1::uuid, place.other_uuid, 0), (place.other_uuid, $1, 1))
    AS side (user_uuid, other_uuid, unread)
  ON CONFLICT (message_group_uuid, user_uuid) DO UPDATE SET
    last_message_at = greatest(message_group_members.last_message_at, excluded.last_message_at),
    unread_count = message_group_members.unread_count + excluded.unread_count
), told AS (
  INSERT INTO notifications (user_uuid, actor_uuid, kind, message_group_uuid)
  SELECT place.other_uuid, $1, 'message', sent.message_group_uuid FROM sent, place
  ON CONFLICT (user_uuid, actor_uuid, kind, activity_uuid, message_group_uuid)
    DO UPDATE SET created_at = excluded.created_at, read_at = NULL
  RETURNING user_uuid
)
SELECT sent.uuid, sent.message_group_uuid, sent.created_at, place.other_uuid,
  ${announce('message', { message_group_uuid: 'place.uuid', by: '$1::uuid', to: 'place.other_uuid' })},
  ${announceEach('notifications', 'told', { user_uuid: 'told.user_uuid' })}
FROM sent, place`

const intoGroup =
  insertMessage(`SELECT uuid, CASE WHEN first_uuid = $1 THEN second_uuid ELSE first_uuid END AS other_uuid
  FROM message_groups WHERE uuid = $2 AND $1 IN (first_uuid, second_uuid) FOR NO KEY UPDATE`)

// The first message starts the conversation. The update changes nothing: it locks and returns the row.
const toPerson = insertMessage(`INSERT INTO message_groups (first_uuid, second_uuid)
  VALUES (least($1::uuid, $2::uuid), greatest($1::uuid, $2::uuid))
  ON CONFLICT (first_uuid, second_uuid) DO UPDATE SET created_at = message_groups.created_at
  RETURNING uuid, $2::uuid AS other_uuid`)

const sending =
  (statement: string) =>
  (author: string, target: string, { message, idempotencyKey }: NewMessage): Promise<SentRow[]> =>
    query(statement, [author, target, message, idempotencyKey])

/** `target` is the uuid of the conversation. */
export const insertMessageIntoGroup = sending(intoGroup)
/** `target` is the uuid of the other person. */
export const insertMessageToPerson = sending(toPerson)

export const selectMessageByKey = (
  author: string,
  idempotencyKey: string,
): Promise<(SentRow & { message: string })[]> =>
  query(
    `SELECT m.uuid, m.message_group_uuid, m.created_at, m.message, g.other_uuid
FROM messages m
JOIN message_group_members g ON g.message_group_uuid = m.message_group_uuid AND g.user_uuid = m.user_uuid
WHERE m.user_uuid = $1 AND m.idempotency_key = $2`,
    [author, idempotencyKey],
  )

type ReadRow = { uuid: string; changed: boolean }

export const updateThreadRead = (owner: string, group: string): Promise<ReadRow[]> =>
  query(
    `WITH place AS (
  SELECT uuid FROM message_groups WHERE uuid = $2 AND $1 IN (first_uuid, second_uuid) FOR NO KEY UPDATE
), seen AS (
  UPDATE message_group_members g SET unread_count = 0 FROM place
  WHERE g.message_group_uuid = place.uuid AND g.user_uuid = $1 AND g.unread_count > 0
  RETURNING g.message_group_uuid
), told AS (
  UPDATE notifications n SET read_at = now() FROM place
  WHERE n.user_uuid = $1 AND n.kind = 'message' AND n.message_group_uuid = place.uuid AND n.read_at IS NULL
  RETURNING n.user_uuid
)
SELECT place.uuid, EXISTS (SELECT FROM seen) AS changed,
  ${announceEach('message-read', 'seen', { message_group_uuid: 'seen.message_group_uuid', user_uuid: '$1::uuid' })},
  ${announceEach('notifications', 'told', { user_uuid: 'told.user_uuid' })}
FROM place`,
    [owner, group],
  )
