import { hash, randomBytes } from 'node:crypto'
import type { InputOf } from '@cruddur/shared/endpoint'
import type {
  changePassword as changePasswordEndpoint,
  Sessions,
  signIn as signInEndpoint,
  signUp as signUpEndpoint,
} from '@cruddur/shared/session'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { UserShort } from '@cruddur/shared/users'
import { conflict, forbidden, handleTaken, invalidInput, noSuchPerson, notFound, wrongCredentials } from '../errors.ts'
import { annotate, annotateUser, traced } from '../telemetry/index.ts'
import { clientOf } from './client-name.ts'
import { isCommonPassword } from './common-passwords.ts'
import { deletePerson } from './erase.queries.ts'
import { hashPassword, isPasswordOf } from './password.ts'
import {
  deleteOtherSession,
  deleteOtherSessions,
  deleteSession,
  insertAccount,
  insertSession,
  type NewSession,
  selectAccount,
  selectDemoPeople,
  selectDemoPerson,
  selectSessions,
  selectUserOfSession,
  touchSession,
  updatePassword,
} from './session.queries.ts'

export const sessionLifetimeSeconds = 7 * 24 * 60 * 60
const seenIntervalSeconds = 5 * 60
const sessionsShown = 50
const userCacheMs = 10_000
const userCacheMax = 1_000

export type Recognised = { readonly user: UserShort; readonly sessionUuid: string }
/** Where a session starts: the network, the browser, and the token of the session that it replaces. */
export type Place = {
  readonly address: string
  readonly userAgent: string | undefined
  readonly replaced: string | undefined
}
type Started = { readonly user: UserShort; readonly token: string }

export const recognise = traced(spanName.sessionAuthenticate, async (token: string): Promise<Recognised | null> => {
  const [row] = await selectUserOfSession(hashOf(token), seenIntervalSeconds)
  if (!row) return null
  const { session_uuid: sessionUuid, unseen, ...user } = row
  annotateUser(user.uuid)
  if (unseen) await touchSession(sessionUuid)
  return { user, sessionUuid }
})

const userCache = new Map<string, { readonly user: Promise<string | null>; readonly until: number }>()

/** The user of a session, cached for some seconds. The relay asks with every post of spans, outside of any trace. */
export const userOfSession = (token: string): Promise<string | null> => {
  const key = hashOf(token).toString('base64')
  const found = userCache.get(key)
  if (found && found.until > performance.now()) return found.user
  const user = selectUserOfSession(hashOf(token), seenIntervalSeconds).then(([row]) => row?.uuid ?? null)
  user.catch(() => userCache.delete(key))
  userCache.delete(key)
  userCache.set(key, { user, until: performance.now() + userCacheMs })
  if (userCache.size > userCacheMax) userCache.delete(userCache.keys().next().value as string)
  return user
}

export const listDemoPeople = traced(spanName.sessionRead, selectDemoPeople)

export const signUp = traced(
  spanName.sessionSignUp,
  async ({ password, ...person }: InputOf<typeof signUpEndpoint>, place: Place): Promise<Started> => {
    assertUncommon(password)
    // A taken handle is refused before the slow hash.
    const [taken] = await selectAccount(person.handle)
    if (taken) throw handleTaken()
    const passwordHash = await hashPassword(password, place.address)
    const { token, session } = newSession(place)
    const [user] = await insertAccount({ ...person, passwordHash }, session)
    if (!user) throw handleTaken()
    annotateUser(user.uuid)
    return { user, token }
  },
)

/** A wrong password, an unknown handle and an account without a password get the same answer after the same work. */
export const signIn = traced(
  spanName.sessionSignIn,
  async ({ handle, password }: InputOf<typeof signInEndpoint>, place: Place): Promise<Started> => {
    const [account] = await selectAccount(handle)
    const isRight = await isPasswordOf(password, account?.password_hash ?? null, place.address)
    if (!account || !isRight) throw wrongCredentials()
    const { password_hash: passwordHash, ...user } = account
    return begin(user, passwordHash, place)
  },
)

export const actAs = traced(spanName.sessionActAs, async (handle: string, place: Place): Promise<Started> => {
  const [user] = await selectDemoPerson(handle)
  if (!user) throw noSuchPerson()
  return begin(user, null, place)
})

export const signOut = traced(spanName.sessionSignOut, async (token: string) => {
  await deleteSession(hashOf(token))
})

export const listSessions = traced(spanName.sessionList, (user: UserShort, token: string) => sessionsOf(user, token))

export const endSession = traced(spanName.sessionEnd, async (user: UserShort, token: string, uuid: string) => {
  const ended = await deleteOtherSession(user.uuid, hashOf(token), uuid)
  if (ended.length === 0) throw notFound('You have no other session with this id.')
  return sessionsOf(user, token)
})

export const endOtherSessions = traced(spanName.sessionEnd, async (user: UserShort, token: string) => {
  const ended = await deleteOtherSessions(user.uuid, hashOf(token))
  annotate({ [attr.changed]: ended.length > 0 })
  return sessionsOf(user, token)
})

export const changePassword = traced(
  spanName.accountPassword,
  async (
    user: UserShort,
    token: string,
    { current_password, password }: InputOf<typeof changePasswordEndpoint>,
    address: string,
  ) => {
    assertUncommon(password)
    const from = await provePassword(user, current_password, address)
    const changed = await updatePassword(user.uuid, hashOf(token), from, await hashPassword(password, address))
    if (changed.length === 0) throw conflict('The password was just changed somewhere else.')
    return sessionsOf(user, token)
  },
)

export const eraseAccount = traced(
  spanName.accountErase,
  async (user: UserShort, currentPassword: string, address: string) => {
    const isErased = await deletePerson(user.uuid, await provePassword(user, currentPassword, address))
    if (!isErased) throw conflict('The password was just changed somewhere else.')
  },
)

/** Returns the stored hash when the password is right, and throws otherwise. */
const provePassword = async (user: UserShort, given: string, address: string): Promise<string> => {
  const [account] = await selectAccount(user.handle)
  if (!account?.password_hash) throw forbidden('Demo people have no password.')
  const isRight = await isPasswordOf(given, account.password_hash, address)
  if (!isRight) throw invalidInput({ current_password: 'is wrong' })
  return account.password_hash
}

const assertUncommon = (password: string): void => {
  if (isCommonPassword(password))
    throw invalidInput({ password: 'is one of the most common passwords. Choose another one' })
}

const sessionsOf = async (user: UserShort, token: string): Promise<Sessions> => {
  const rows = await selectSessions(user.uuid, hashOf(token), sessionsShown)
  annotate({ [attr.sessionsCount]: rows.length })
  return {
    sessions: rows.map((row) => ({
      ...row,
      created_at: row.created_at.toISOString(),
      last_seen_at: row.last_seen_at.toISOString(),
    })),
  }
}

const begin = async (user: UserShort, passwordHash: string | null, place: Place): Promise<Started> => {
  annotateUser(user.uuid)
  const { token, session } = newSession(place)
  const begun = await insertSession(user.uuid, passwordHash, session)
  if (begun.length === 0) throw wrongCredentials()
  return { user, token }
}

/** Every sign-in gets a new token, so a token that someone planted or saw before is worthless. */
const newSession = ({ userAgent, replaced }: Place): { token: string; session: NewSession } => {
  const token = randomBytes(32).toString('base64url')
  const session = {
    tokenHash: hashOf(token),
    client: clientOf(userAgent),
    lifetimeSeconds: sessionLifetimeSeconds,
    replaced: replaced === undefined ? null : hashOf(replaced),
  }
  return { token, session }
}

const hashOf = (token: string): Buffer => hash('sha256', token, 'buffer')
