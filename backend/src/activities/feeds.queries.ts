import type { Profile } from '@cruddur/shared/users'
import type { Position } from '../cursor.ts'
import { query } from '../db/pool.ts'
import { type ActivityRow, columns } from './activities.queries.ts'

export type EntryRow = ActivityRow & {
  /** When the activity was written or reposted. */
  at: Date
  reposter_uuid: string | null
  reposter_handle: string | null
  reposter_name: string | null
}
type ProfileRow = Omit<Profile, 'created_at'> & { created_at: Date }

export const selectEveryone = (asker: string | null, limit: number, position: Position): Promise<ActivityRow[]> =>
  query(
    `SELECT ${columns}
FROM activities a JOIN users u ON u.uuid = a.user_uuid
WHERE a.reply_to_activity_uuid IS NULL AND a.expires_at > now() AND (a.created_at, a.uuid) < ($3, $4)
ORDER BY a.created_at DESC, a.uuid DESC
LIMIT $2`,
    [asker, limit, position.at, position.uuid],
  )

type Circle = { people: string; has: (user: string) => string }

// Each activity appears once. An activity by someone in the circle stands at the time when it was written. Any other
// activity stands at the time of its first repost by the circle, so it does not move between two pages.
const timelineOf = ({ people, has }: Circle) => `WITH circle AS (${people}), horizon AS (
  -- When enough people to fill the page have written since this time, nothing older is on the page.
  SELECT CASE WHEN count(*) = $2 THEN min(at) ELSE '-infinity' END AS at FROM (
    SELECT a.at FROM circle CROSS JOIN LATERAL (
      SELECT created_at AS at FROM activities
      WHERE user_uuid = circle.uuid AND reply_to_activity_uuid IS NULL AND expires_at > now()
        AND (created_at, uuid) < ($3, $4)
      ORDER BY created_at DESC, uuid DESC LIMIT 1
    ) AS a
    ORDER BY at DESC LIMIT $2
  ) AS newest
), written AS (
  SELECT a.* FROM circle CROSS JOIN LATERAL (
    SELECT uuid, created_at AS at, NULL::uuid AS by FROM activities
    WHERE user_uuid = circle.uuid AND reply_to_activity_uuid IS NULL AND expires_at > now()
      AND (created_at, uuid) < ($3, $4) AND created_at >= (SELECT at FROM horizon)
    ORDER BY created_at DESC, uuid DESC LIMIT $2
  ) AS a
  ORDER BY at DESC, uuid DESC LIMIT $2
), reposted AS (
  SELECT r.* FROM circle CROSS JOIN LATERAL (
    SELECT a.uuid, r.created_at AS at, r.user_uuid AS by FROM reposts r JOIN activities a ON a.uuid = r.activity_uuid
    WHERE r.user_uuid = circle.uuid AND a.expires_at > now() AND (r.created_at, r.activity_uuid) < ($3, $4)
      AND r.created_at >= (SELECT at FROM horizon)
      AND NOT (a.reply_to_activity_uuid IS NULL AND ${has('a.user_uuid')})
      AND NOT EXISTS (SELECT FROM reposts earlier WHERE earlier.activity_uuid = r.activity_uuid
        AND (earlier.created_at, earlier.user_uuid) < (r.created_at, r.user_uuid) AND ${has('earlier.user_uuid')})
    ORDER BY r.created_at DESC, r.activity_uuid DESC LIMIT $2
  ) AS r
  ORDER BY at DESC, uuid DESC LIMIT $2
)
SELECT ${columns}, entry.at,
  p.uuid AS reposter_uuid, p.handle AS reposter_handle, p.display_name AS reposter_name
FROM (SELECT * FROM written UNION ALL SELECT * FROM reposted ORDER BY at DESC, uuid DESC LIMIT $2) AS entry
JOIN activities a ON a.uuid = entry.uuid
JOIN users u ON u.uuid = a.user_uuid
LEFT JOIN users p ON p.uuid = entry.by
ORDER BY entry.at DESC, entry.uuid DESC`

const following = timelineOf({
  people: 'SELECT $1::uuid AS uuid UNION ALL SELECT followed_uuid FROM follows WHERE follower_uuid = $1',
  has: (user) => `(${user} = $1 OR EXISTS (SELECT FROM follows WHERE follower_uuid = $1 AND followed_uuid = ${user}))`,
})
const ofPerson = timelineOf({ people: 'SELECT $5::uuid AS uuid', has: (user) => `${user} = $5` })

export const selectFollowing = (asker: string, limit: number, position: Position): Promise<EntryRow[]> =>
  query(following, [asker, limit, position.at, position.uuid])

export const selectOfPerson = (
  asker: string | null,
  limit: number,
  position: Position,
  person: string,
): Promise<EntryRow[]> => query(ofPerson, [asker, limit, position.at, position.uuid, person])

export const selectProfile = (asker: string | null, handle: string): Promise<ProfileRow[]> =>
  query(
    `SELECT u.uuid, u.handle, u.display_name, u.bio, u.created_at, u.followers_count, u.following_count,
  (SELECT count(*)::int FROM activities a WHERE a.user_uuid = u.uuid AND a.expires_at > now()) AS cruds_count,
  EXISTS (SELECT FROM follows WHERE follower_uuid = $1 AND followed_uuid = u.uuid) AS followed,
  EXISTS (SELECT FROM follows WHERE follower_uuid = u.uuid AND followed_uuid = $1) AS follows_you
FROM users u WHERE u.handle = $2`,
    [asker, handle],
  )
