import type { UserShort } from '@cruddur/shared/users'
import { announce, announceEach } from '../db/announce.ts'
import { query } from '../db/pool.ts'

export type Account = UserShort & { password_hash: string | null }
export type NewAccount = { handle: string; display_name: string; email: string; passwordHash: string }
export type NewSession = {
  tokenHash: Buffer
  client: string
  lifetimeSeconds: number
  /** The session that ends when this one starts. */
  replaced: Buffer | null
}
type SessionRow = { uuid: string; client: string; created_at: Date; last_seen_at: Date; current: boolean }

export const selectDemoPeople = (): Promise<UserShort[]> =>
  query('SELECT uuid, handle, display_name FROM users WHERE demo ORDER BY handle')

export const selectDemoPerson = (handle: string): Promise<UserShort[]> =>
  query('SELECT uuid, handle, display_name FROM users WHERE demo AND handle = $1', [handle])

export const selectAccount = (handle: string): Promise<Account[]> =>
  query('SELECT uuid, handle, display_name, password_hash FROM users WHERE handle = $1', [handle])

export const selectUserOfSession = (
  tokenHash: Buffer,
  seenIntervalSeconds: number,
): Promise<(UserShort & { session_uuid: string; unseen: boolean })[]> =>
  query(
    `SELECT u.uuid, u.handle, u.display_name, s.uuid AS session_uuid,
  s.last_seen_at < now() - make_interval(secs => $2) AS unseen
FROM sessions s JOIN users u ON u.uuid = s.user_uuid
WHERE s.token_hash = $1 AND s.expires_at > now()`,
    [tokenHash, seenIntervalSeconds],
  )

export const touchSession = (uuid: string) => query('UPDATE sessions SET last_seen_at = now() WHERE uuid = $1', [uuid])

// One note per session, because a note has at most 8000 bytes and a person can have any number of sessions.
const announceEnd = announce('sessions-ended', { session_uuids: 'json_build_array(uuid)' })

/** Inserts nothing if the password has changed since it was compared. Demo people have no password. */
export const insertSession = (user: string, passwordHash: string | null, session: NewSession) =>
  query(
    `WITH begun AS (
  INSERT INTO sessions (user_uuid, token_hash, client, expires_at)
  SELECT uuid, $3, $4, now() + make_interval(secs => $5) FROM users
  WHERE uuid = $1 AND password_hash IS NOT DISTINCT FROM $2 FOR SHARE
  RETURNING uuid
), ended AS (
  DELETE FROM sessions WHERE token_hash = $6 AND EXISTS (SELECT FROM begun)
  RETURNING ${announceEnd}
)
SELECT uuid FROM begun`,
    [user, passwordHash, session.tokenHash, session.client, session.lifetimeSeconds, session.replaced],
  )

/** Inserts the account and its first session, or neither if the handle is taken. */
export const insertAccount = (account: NewAccount, session: NewSession): Promise<UserShort[]> =>
  query(
    `WITH made AS (
  INSERT INTO users (handle, display_name, email, password_hash) VALUES ($1, $2, $3, $4)
  ON CONFLICT (handle) DO NOTHING
  RETURNING uuid, handle, display_name
), begun AS (
  INSERT INTO sessions (user_uuid, token_hash, client, expires_at)
  SELECT uuid, $5, $6, now() + make_interval(secs => $7) FROM made
), ended AS (
  DELETE FROM sessions WHERE token_hash = $8 AND EXISTS (SELECT FROM made)
  RETURNING ${announceEnd}
)
SELECT uuid, handle, display_name FROM made`,
    [
      ...[account.handle, account.display_name, account.email, account.passwordHash],
      ...[session.tokenHash, session.client, session.lifetimeSeconds, session.replaced],
    ],
  )

export const selectSessions = (user: string, own: Buffer, limit: number): Promise<SessionRow[]> =>
  query(
    `SELECT uuid, client, created_at, last_seen_at, token_hash = $2 AS current
FROM sessions
WHERE user_uuid = $1 AND expires_at > now()
ORDER BY current DESC, last_seen_at DESC, uuid
LIMIT $3`,
    [user, own, limit],
  )

export const deleteSession = (tokenHash: Buffer) =>
  query(
    `DELETE FROM sessions WHERE token_hash = $1
RETURNING ${announceEnd}`,
    [tokenHash],
  )

export const deleteOtherSession = (user: string, own: Buffer, uuid: string) =>
  query(
    `DELETE FROM sessions WHERE uuid = $3 AND user_uuid = $1 AND token_hash <> $2 AND expires_at > now()
RETURNING ${announceEnd}`,
    [user, own, uuid],
  )

export const deleteOtherSessions = (user: string, own: Buffer) =>
  query(
    `DELETE FROM sessions WHERE user_uuid = $1 AND token_hash <> $2
RETURNING ${announceEnd}`,
    [user, own],
  )

/** Changes nothing if the password has changed since it was compared. */
export const updatePassword = (user: string, own: Buffer, from: string | null, to: string) =>
  query(
    `WITH changed AS (
  UPDATE users SET password_hash = $4 WHERE uuid = $1 AND password_hash = $3 RETURNING uuid AS user_uuid
), ended AS (
  DELETE FROM sessions USING changed WHERE sessions.user_uuid = changed.user_uuid AND token_hash <> $2
  RETURNING sessions.uuid
)
SELECT changed.user_uuid, ${announceEach('sessions-ended', 'ended', { session_uuids: 'json_build_array(uuid)' })}
FROM changed`,
    [user, own, from, to],
  )
