import type { UserShort } from '@cruddur/shared/users'
import { newest, oldest, type Position } from '../cursor.ts'
import { query } from '../db/pool.ts'
import { type ActivityRow, columns } from './activities.queries.ts'

export type MatchRow = ActivityRow & {
  rank: number
  /** The last one of the window, when there are more after it. */
  window_ends_at: Date | null
  window_ends_with: string | null
}

/** What is ranked together: so many of the newest that match. */
const windowSize = 200
/** How far back something common is looked for at once. */
const reach = 20_000
const sample = 500

type Density = { examined: number; near: number; newest_at: Date | null }

/**
 * How many of the newest before `from` match, as far as an index could tell: whether words stand together, or are missing,
 * it cannot. Measured, because the planner's guess about words that go together, or never do, can be wrong without bounds.
 */
export const selectDensity = (term: string, from: Position): Promise<Density[]> =>
  query(
    `WITH asked AS (SELECT querytree(websearch_to_tsquery('english', $1)) AS tree)
SELECT count(*)::int AS examined, max(created_at) AS newest_at,
  count(*) FILTER (WHERE tree = 'T' OR search @@ regexp_replace(tree, '<(-|\\d+)>', '&', 'g')::tsquery)::int AS near
FROM asked, (
  SELECT created_at, search FROM activities WHERE (created_at, uuid) < ($2, $3)
  ORDER BY created_at DESC, uuid DESC LIMIT ${sample}
) AS newest`,
    [term, from.at, from.uuid],
  )

/** Common is what is found sooner by looking through the newest than by the index of words. */
export const isCommon = ({ examined, near }: Density): boolean =>
  examined < sample || near * reach >= windowSize * sample

const matchesAmong = (candidates: string) => `WITH asked AS (
  SELECT websearch_to_tsquery('english', $3) AS words
), ${candidates}, matches AS (
  SELECT uuid, created_at, ts_rank(search, (SELECT words FROM asked)) AS rank,
    row_number() OVER (ORDER BY created_at DESC, uuid DESC) AS number
  FROM candidates
  WHERE search @@ (SELECT words FROM asked) AND expires_at > now()
  ORDER BY created_at DESC, uuid DESC LIMIT ${windowSize + 1}
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
ORDER BY m.rank DESC, m.created_at DESC, m.uuid DESC`

// Kept apart from the order and the limit, so that the planner cannot look through the newest for what is rare; and by
// words that it does not know, so that it cannot take them for common.
const rare = matchesAmong(`candidates AS MATERIALIZED (
  SELECT uuid, created_at, expires_at, search FROM activities
  WHERE search @@ (SELECT words FROM asked) AND (created_at, uuid) < ($4, $5) AND (created_at, uuid) >= ($6, $7)
)`)
const common = matchesAmong(`candidates AS NOT MATERIALIZED (
  SELECT uuid, created_at, expires_at, search FROM activities
  WHERE (created_at, uuid) < ($4, $5) AND (created_at, uuid) >= ($6, $7)
  ORDER BY created_at DESC, uuid DESC LIMIT ${reach}
)`)

export type Window = { from: Position; until: Position | null; isCommon: boolean }
type Ranked = { rank: number; last: Position }

/** The best of a window, after a place within it. */
export const selectMatches = (
  asker: string | null,
  limit: number,
  term: string,
  { from, until, isCommon }: Window,
  after: Ranked | null,
): Promise<MatchRow[]> => {
  const end = until ?? oldest
  const { rank, last } = after ?? { rank: 'Infinity', last: newest }
  return query(isCommon ? common : rare, [
    asker,
    limit,
    term,
    from.at,
    from.uuid,
    end.at,
    end.uuid,
    rank,
    last.at,
    last.uuid,
  ])
}

/** Where looking through the newest ends, if there is anything behind it. */
export const selectReach = (from: Position): Promise<{ created_at: Date; uuid: string }[]> =>
  query(
    `SELECT created_at, uuid FROM (
  SELECT created_at, uuid, row_number() OVER (ORDER BY created_at DESC, uuid DESC) AS number FROM activities
  WHERE (created_at, uuid) < ($1, $2) ORDER BY created_at DESC, uuid DESC LIMIT ${reach}
) AS newest WHERE number = ${reach}`,
    [from.at, from.uuid],
  )

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
