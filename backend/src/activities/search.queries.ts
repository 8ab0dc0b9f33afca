import type { UserShort } from '@cruddur/shared/users'
import { newest, oldest, type Position } from '../cursor.ts'
import { query } from '../db/pool.ts'
import { type ActivityRow, columns } from './activities.queries.ts'
import type { SearchPosition } from './search-cursor.ts'

export type MatchRow = ActivityRow & {
  rank: number
  /** The last one of the window, when there are more after it. */
  window_ends_at: Date | null
  window_ends_with: string | null
}

const windowSize = 200
const first = { rank: 'Infinity', ...newest }

/** The best of a window: the `windowSize` newest that match, or those between two places if the window is known. */
export const selectMatches = (
  asker: string | null,
  limit: number,
  term: string,
  { from, until, last }: SearchPosition,
): Promise<MatchRow[]> => {
  const [start, end, after] = [from ?? newest, until ?? oldest, last ?? first]
  return query(
    `WITH matches AS (
  SELECT uuid, created_at, ts_rank(search, websearch_to_tsquery('english', $3)) AS rank,
    row_number() OVER (ORDER BY created_at DESC, uuid DESC) AS number
  FROM activities
  WHERE search @@ websearch_to_tsquery('english', $3) AND expires_at > now()
    AND (created_at, uuid) < ($4, $5) AND (created_at, uuid) >= ($6, $7)
  ORDER BY created_at DESC, uuid DESC
  LIMIT ${windowSize + 1}
), edge AS (
  SELECT created_at, uuid FROM matches
  WHERE number = ${windowSize} AND EXISTS (SELECT FROM matches WHERE number > ${windowSize})
)
SELECT ${columns}, m.rank, edge.created_at AS window_ends_at, edge.uuid AS window_ends_with
FROM (
  SELECT * FROM matches WHERE number <= ${windowSize} AND (rank, created_at, uuid) < ($8, $9, $10)
  ORDER BY rank DESC, created_at DESC, uuid DESC LIMIT $2
) AS m
JOIN activities a ON a.uuid = m.uuid
JOIN users u ON u.uuid = a.user_uuid
LEFT JOIN edge ON true
ORDER BY m.rank DESC, m.created_at DESC, m.uuid DESC`,
    [asker, limit, term, start.at, start.uuid, end.at, end.uuid, after.rank, after.at, after.uuid],
  )
}

export const selectByHashtag = (
  asker: string | null,
  limit: number,
  tag: string,
  position: Position,
): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM hashtags h JOIN activities a ON a.uuid = h.activity_uuid JOIN users u ON u.uuid = a.user_uuid
WHERE h.tag = $3 AND a.expires_at > now() AND (h.created_at, h.activity_uuid) < ($4, $5)
ORDER BY h.created_at DESC, h.activity_uuid DESC
LIMIT $2`,
    [asker, limit, tag, position.at, position.uuid],
  )

export const selectByAuthor = (
  asker: string | null,
  limit: number,
  handle: string,
  position: Position,
): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM users u JOIN activities a ON a.user_uuid = u.uuid
WHERE u.handle = $3 AND a.expires_at > now() AND (a.created_at, a.uuid) < ($4, $5)
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit, handle, position.at, position.uuid],
  )

/** Whose handle or name begins so. `~<~` is the order of the indexes that find a beginning. */
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

/** Of the `among` newest uses of any tag, by how many people use it. */
export const selectTrends = (among: number, limit: number): Promise<{ tag: string; people: number }[]> =>
  query(
    `SELECT tag, count(DISTINCT user_uuid)::int AS people
FROM (
  SELECT tag, user_uuid, created_at FROM hashtags WHERE expires_at > now() ORDER BY created_at DESC LIMIT $1
) AS lately
GROUP BY tag ORDER BY people DESC, max(created_at) DESC, tag LIMIT $2`,
    [among, limit],
  )
