import type { AccountExport } from '@cruddur/shared/users'
import { query } from '../db/pool.ts'

// ISO 8601 in UTC: the answer contains these rows unchanged.
const at = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const list = (rows: string) => `coalesce((SELECT json_agg(row) FROM (${rows} ORDER BY 1 DESC LIMIT $2) AS row), '[]')`
const since = (table: string) => `SELECT ${at(`${table}.created_at`)} AS created_at`

/** One statement, so all lists show the same moment. */
export const selectExport = (user: string, most: number) =>
  query<{ export: AccountExport }>(
    `SELECT json_build_object(
  'handle', u.handle, 'display_name', u.display_name, 'bio', u.bio, 'email', u.email, 'created_at', ${at('u.created_at')},
  'sessions', ${list(`${since('s')}, s.client, ${at('s.last_seen_at')} AS last_seen_at FROM sessions s WHERE s.user_uuid = $1`)},
  'activities', ${list(`${since('a')}, a.uuid, a.message, a.reply_to_activity_uuid, ${at('a.expires_at')} AS expires_at
    FROM activities a WHERE a.user_uuid = $1 AND a.expires_at > now()`)},
  'messages', ${list(`${since('m')}, m.uuid, other.handle AS to, m.message
    FROM messages m JOIN message_groups g ON g.uuid = m.message_group_uuid
    JOIN users other ON other.uuid IN (g.first_uuid, g.second_uuid) AND other.uuid <> $1 WHERE m.user_uuid = $1`)},
  'likes', ${list(`${since('l')}, l.activity_uuid FROM likes l WHERE l.user_uuid = $1`)},
  'reposts', ${list(`${since('r')}, r.activity_uuid FROM reposts r WHERE r.user_uuid = $1`)},
  'follows', ${list(`${since('f')}, other.handle FROM follows f JOIN users other ON other.uuid = f.followed_uuid WHERE f.follower_uuid = $1`)},
  'followers', ${list(`${since('f')}, other.handle FROM follows f JOIN users other ON other.uuid = f.follower_uuid WHERE f.followed_uuid = $1`)}
) AS export
FROM users u WHERE u.uuid = $1`,
    [user, most],
  )
