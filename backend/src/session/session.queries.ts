import type { UserShort } from '@cruddur/shared/users'
import { query } from '../db/pool.ts'

export const selectDemoPeople = (): Promise<UserShort[]> =>
  query('SELECT uuid, handle, display_name FROM users WHERE demo ORDER BY handle')

export const selectDemoPerson = (handle: string): Promise<UserShort[]> =>
  query('SELECT uuid, handle, display_name FROM users WHERE demo AND handle = $1', [handle])

export const selectUserOfSession = (tokenHash: Buffer): Promise<UserShort[]> =>
  query(
    `SELECT u.uuid, u.handle, u.display_name
FROM sessions s JOIN users u ON u.uuid = s.user_uuid
WHERE s.token_hash = $1 AND s.expires_at > now()`,
    [tokenHash],
  )

/** The session that is given up ends in the statement that begins the next. */
export const insertSession = (tokenHash: Buffer, user: string, lifetimeSeconds: number, givenUp: Buffer | null) =>
  query(
    `WITH begun AS (
  INSERT INTO sessions (token_hash, user_uuid, expires_at)
  VALUES ($1, $2, now() + make_interval(secs => $3))
)
DELETE FROM sessions WHERE token_hash = $4`,
    [tokenHash, user, lifetimeSeconds, givenUp],
  )

export const deleteSession = (tokenHash: Buffer) => query('DELETE FROM sessions WHERE token_hash = $1', [tokenHash])
