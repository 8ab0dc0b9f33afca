import { createHash, randomBytes } from 'node:crypto'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { UserShort } from '@cruddur/shared/users'
import { notFound } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import {
  deleteSession,
  insertSession,
  selectDemoPeople,
  selectDemoPerson,
  selectUserOfSession,
} from './session.queries.ts'

export const sessionLifetimeSeconds = 7 * 24 * 60 * 60

export const recognise = traced(spanName.sessionAuthenticate, async (token: string): Promise<UserShort | null> => {
  const [user] = await selectUserOfSession(hashOf(token))
  if (user) annotate({ [attr.userId]: user.uuid })
  return user ?? null
})

export const listDemoPeople = traced(spanName.sessionRead, selectDemoPeople)

/** A new token every time: one that somebody else has planted or seen is worth nothing after it. */
export const start = traced(spanName.sessionActAs, async (handle: string, givenUp: string | undefined) => {
  const [user] = await selectDemoPerson(handle)
  if (!user) throw notFound('person')
  annotate({ [attr.userId]: user.uuid })
  const token = randomBytes(32).toString('base64url')
  await insertSession(hashOf(token), user.uuid, sessionLifetimeSeconds, givenUp === undefined ? null : hashOf(givenUp))
  return { user, token }
})

export const end = traced(spanName.sessionSignOut, async (token: string) => {
  await deleteSession(hashOf(token))
})

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()
