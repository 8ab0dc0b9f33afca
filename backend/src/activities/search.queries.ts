import type { UserShort } from '@cruddur/shared/users'
import { newest, type Position } from '../cursor.ts'
import { query } from '../db/pool.ts'
import { type ActivityRow, columns } from './activities.queries.ts'
import {
  phraseWider,
  type Sample,
  sampledBelow,
  sampledOfWindow,
  sampleSize,
  timesOf,
  type Window,
  windowSize,
} from './search-window.ts'

export type MatchRow = ActivityRow & {
  rank: number
  /** The last one of the window, when there are more after it. */
  window_ends_at: Date | null
  window_ends_with: string | null
}

/**
 * Measured, because the planner's guess about words that go together, or never do, can be wrong without bounds. The index
 * gives one in eight by their uuids, before any of the others is read. Whether words stand together it cannot tell.
 */
export const selectSample = (term: string, from: Position): Promise<Sample[]> =>
  query(
    `WITH asked AS (SELECT querytree(websearch_to_tsquery('english', $1)) AS tree), newest AS (
  SELECT created_at AS newest_at FROM activities WHERE (created_at, uuid) < ($2, $3)
  ORDER BY created_at DESC, uuid DESC LIMIT 1
), few AS (
  SELECT created_at, tree = 'T' OR search @@ regexp_replace(tree, '<(-|\\d+)>', '&', 'g')::tsquery AS is_near
  FROM asked, (
    SELECT created_at, search FROM activities WHERE (created_at, uuid) < ($2, $3) AND uuid < '${sampledBelow}'
    ORDER BY created_at DESC, uuid DESC LIMIT ${sampleSize}
  ) AS sampled
), looked AS (
  SELECT count(*)::int AS looked_at, min(created_at) AS oldest_at, count(*) FILTER (WHERE is_near)::int AS near,
    (array_agg(created_at ORDER BY created_at DESC) FILTER (WHERE is_near))[
      ${sampledOfWindow} * (SELECT CASE WHEN tree ~ '<' THEN ${phraseWider} ELSE 1 END FROM asked)
    ] AS reached_at
  FROM few
) SELECT newest.*, looked.*, tree ~ '<' AS is_phrase FROM asked, newest, looked`,
    [term, from.at, from.uuid],
  )

type Ranked = { rank: number; last: Position }

/** The best of a window, after a place within it. */
export const selectMatches = (
  asker: string | null,
  limit: number,
  term: string,
  window: Window,
  after: Ranked | null,
): Promise<MatchRow[]> => {
  const { from, until } = window
  // Whoever reads on in a window reads all of it, though more of it may have come to light since.
  const size = after ? 2 * windowSize : windowSize
  const { rank, last } = after ?? { rank: 'Infinity', last: newest }
  // The candidates are kept apart from the order and the limit, so that there is but one way to them, the index of words and times.
  return query(
    `WITH asked AS (
  SELECT websearch_to_tsquery('english', $3) AS words
), timed AS (
  SELECT CASE WHEN numnode(words) = 0 THEN words ELSE words && $4::tsquery END AS words FROM asked
), candidates AS MATERIALIZED (
  SELECT uuid, created_at, ts_rank(search, (SELECT words FROM asked)) AS rank FROM activities
  WHERE search @@ (SELECT words FROM timed) AND expires_at > now()
), matches AS (
  SELECT uuid, created_at, rank, row_number() OVER (ORDER BY created_at DESC, uuid DESC) AS number
  FROM candidates WHERE (created_at, uuid) < ($5, $6) AND (created_at, uuid) >= ($7, $8)
  ORDER BY created_at DESC, uuid DESC LIMIT ${size + 1}
), edge AS (
  SELECT created_at, uuid FROM matches
  WHERE number = ${size} AND EXISTS (SELECT FROM matches WHERE number > ${size})
)
SELECT ${columns}, m.rank, edge.created_at AS window_ends_at, edge.uuid AS window_ends_with
FROM (
  SELECT * FROM matches WHERE number <= ${size} AND (rank, created_at, uuid) < ($9, $10, $11)
  ORDER BY rank DESC, created_at DESC, uuid DESC LIMIT $2
) AS m
JOIN activities a ON a.uuid = m.uuid
JOIN users u ON u.uuid = a.user_uuid
LEFT JOIN edge ON true
ORDER BY m.rank DESC, m.created_at DESC, m.uuid DESC`,
    [asker, limit, term, timesOf(window), from.at, from.uuid, until.at, until.uuid, rank, last.at, last.uuid],
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
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.user_uuid = (SELECT uuid FROM users WHERE handle = $3) AND a.expires_at > now() AND (a.created_at, a.uuid) < ($4, $5)
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
