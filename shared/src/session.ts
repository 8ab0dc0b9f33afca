import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import { hasControls } from './text.ts'
import { displayName, givenHandle, newHandle, UserShort } from './users.ts'

/** `people` are those whom anybody may act as; it is empty wherever that is switched off. */
export const Session = z.object({
  user: z.nullable(UserShort),
  people: z.array(UserShort),
})
export type Session = z.infer<typeof Session>

export const passwordLength = { least: 10, most: 200 }

const emailMost = 254
/** The backend also refuses what is common: the list is not in the page. */
const newPassword = () =>
  z
    .string()
    .check(
      z.minLength(passwordLength.least, `must have at least ${passwordLength.least} characters`),
      z.maxLength(passwordLength.most, `may have ${passwordLength.most} characters`),
    )
const ownPassword = () => z.string().check(z.minLength(1, 'is needed'), z.maxLength(passwordLength.most, 'is too long'))

/** Not whether it exists: no mail is sent. */
const email = () =>
  z.string().check(
    z.overwrite((text) => text.trim().toLowerCase()),
    z.maxLength(emailMost, `may have ${emailMost} characters`),
    z.regex(/^[^\s@]+@[^\s@]+\.[^\s@.]+$/, 'must look like name@example.com'),
    z.refine((text) => !hasControls(text), 'has a character that cannot be kept'),
  )

export const readSession = endpoint({
  method: 'GET',
  path: '/api/session',
  summary: 'Who acts, and whom one may act as',
  input: () => z.strictObject({}),
  output: Session,
})

export const signUp = endpoint({
  method: 'POST',
  path: '/api/signup',
  summary: 'Make an account, and sign in with it',
  input: () =>
    z.strictObject({
      handle: newHandle('user_handle_blank'),
      display_name: displayName(),
      email: email(),
      password: newPassword(),
    }),
  output: Session,
})

export const signIn = endpoint({
  method: 'POST',
  path: '/api/session',
  summary: 'Sign in',
  input: () =>
    z.strictObject({
      handle: givenHandle('user_handle_blank'),
      password: ownPassword(),
    }),
  output: Session,
})

export const actAs = endpoint({
  method: 'POST',
  path: '/api/session/demo',
  summary: 'Act as one of the seeded people, where that is allowed',
  input: () => z.strictObject({ handle: givenHandle('user_handle_blank') }),
  output: Session,
})

export const signOut = endpoint({
  method: 'DELETE',
  path: '/api/session',
  summary: 'Sign out here',
  input: () => z.strictObject({}),
  output: Session,
})

export const Sessions = z.object({
  sessions: z.array(
    z.object({
      uuid: z.uuid(),
      /** The browser and its system, as far as they say. */
      client: z.string(),
      created_at: z.iso.datetime(),
      last_seen_at: z.iso.datetime(),
      current: z.boolean(),
    }),
  ),
})
export type Sessions = z.infer<typeof Sessions>

export const listSessions = endpoint({
  method: 'GET',
  path: '/api/sessions',
  summary: 'Where one is signed in',
  input: () => z.strictObject({}),
  output: Sessions,
})

export const endSession = endpoint({
  method: 'DELETE',
  path: '/api/sessions/:uuid',
  summary: 'Sign out somewhere else',
  input: () => z.strictObject({ uuid: z.uuid() }),
  output: Sessions,
})

export const endOtherSessions = endpoint({
  method: 'DELETE',
  path: '/api/sessions',
  summary: 'Sign out everywhere else',
  input: () => z.strictObject({}),
  output: Sessions,
})

export const changePassword = endpoint({
  method: 'POST',
  path: '/api/account/password',
  summary: 'Change one’s own password, and sign out everywhere else',
  input: () => z.strictObject({ current_password: ownPassword(), password: newPassword() }),
  output: Sessions,
})

export const eraseAccount = endpoint({
  method: 'POST',
  path: '/api/account/erase',
  summary: 'Erase one’s own account, and everything that hangs on it',
  input: () => z.strictObject({ current_password: ownPassword() }),
  output: Session,
})
