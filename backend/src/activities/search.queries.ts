import type { UserShort } from '@cruddur/shared/users'
import type { Position } from '../cursor.ts'
import { isStatementTimeout, query } from '../db/pool.ts'
import { invalidInput } from '../errors.ts'
import { type ActivityRow, columns } from './activities.queries.ts'

type Select = (asker: string | null, limit: number, sought: string, position: Position) => Promise<ActivityRow[]>

// A search for common words with old or expired matches can take too long. The database then cancels the statement.
export const selectByWords: Select = (asker, limit, words, position) =>
  query<ActivityRow>(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.search @@ websearch_to_tsquery('english', $3) AND a.expires_at > now() AND (a.created_at, a.uuid) < ($4, $5)
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit, words, position.at, position.uuid],
  ).catch((error: unknown) => {
    throw isStatementTimeout(error) ? tookTooLong() : error
  })

const tookTooLong = () => {
  const sentence = 'This search took too long. Try a rarer word.'
  return invalidInput({ term: sentence }, sentence)
}

export const selectByHashtag: Select = (asker, limit, tag, position) =>
  query(
    `SELECT ${columns}
FROM hashtags h JOIN activities a ON a.uuid = h.activity_uuid JOIN users u ON u.uuid = a.user_uuid
WHERE h.tag = $3 AND a.expires_at > now() AND (h.created_at, h.activity_uuid) < ($4, $5)
ORDER BY h.created_at DESC, h.activity_uuid DESC
LIMIT $2`,
    [asker, limit, tag, position.at, position.uuid],
  )

export const selectByAuthor: Select = (asker, limit, handle, position) =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.user_uuid = (SELECT uuid FROM users WHERE handle = $3) AND a.expires_at > now() AND (a.created_at, a.uuid) < ($4, $5)
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit, handle, position.at, position.uuid],
  )

/** People whose handle or name starts with `beginning`. `~<~` is the order of the prefix indexes. */
export const selectPeople = (beginning: string, limit: number): Promise<UserShort[]> =>
  query(
    `WITH by_handle AS (
  SELECT uuid, handle, display_name FROM users WHERE handle LIKE $1 ORDER BY handle USING ~<~ LIMIT $2
), by_name AS (
  SELECT uuid, handle, display_name FROM users
  WHERE lower(display_name) LIKE $1 ORDER BY lower(display_name) USING ~<~ LIMIT $2
)
SELECT * FROM by_handle UNION SELECT * FROM by_name ORDER BY handle LIMIT $2`,
    [`${beginning.replace(/[\\%_]/g, '\\$&')}%`, limit],
  )

/** The tags that most people used. Only the `among` newest uses of all tags count. */
export const selectTrends = (among: number, limit: number): Promise<{ tag: string; people: number }[]> =>
  query(
    `SELECT tag, count(DISTINCT user_uuid)::int AS people
FROM (
  SELECT tag, user_uuid, created_at FROM hashtags WHERE expires_at > now() ORDER BY created_at DESC LIMIT $1
) AS lately
GROUP BY tag ORDER BY people DESC, max(created_at) DESC, tag LIMIT $2`,
    [among, limit],
  )
