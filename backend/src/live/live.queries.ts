import { query } from '../db/pool.ts'

/** Selects the given sessions that have not ended. */
export const selectOpenSessions = (sessions: string[]): Promise<{ uuid: string }[]> =>
  query('SELECT uuid FROM sessions WHERE uuid = ANY ($1::uuid[]) AND expires_at > now()', [sessions])

/** Selects the given people who follow the author. */
export const selectFollowersAmong = (author: string, people: string[]): Promise<{ uuid: string }[]> =>
  query('SELECT follower_uuid AS uuid FROM follows WHERE followed_uuid = $1 AND follower_uuid = ANY ($2::uuid[])', [
    author,
    people,
  ])
