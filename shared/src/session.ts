import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import { hasControls } from './text.ts'
import { displayName, givenHandle, newHandle, UserShort } from './users.ts'

/** `people`: the demo people that anyone may act as; empty when there are no demo people. */
export const Session = z.object({
  user: z.nullable(UserShort),
  people: z.array(UserShort),
})
export type Session = z.infer<typeof Session>

export const passwordLength = { min: 10, max: 200 }

const emailMaxLength = 254
/** The backend also refuses common passwords. Their list is not in the page. */
const newPassword = () =>
  z
    .string()
    .check(
      z.minLength(passwordLength.min, `must have at least ${passwordLength.min} characters`),
      z.maxLength(passwordLength.max, `must have at most ${passwordLength.max} characters`),
    )
const ownPassword = () => z.string().check(z.minLength(1, 'is needed'), z.maxLength(passwordLength.max, 'is too long'))

/** Only the form of the address is checked. No mail is sent. */
const email = () =>
  z.string().check(
    z.overwrite((text) => text.trim().toLowerCase()),
    z.maxLength(emailMaxLength, `must have at most ${emailMaxLength} characters`),
    z.regex(/^[^\s@]+@[^\s@]+\.[^\s@.]+$/, 'must look like name@example.com'),
    z.refine((text) => !hasControls(text), 'has a character that is not allowed'),
  )

export const readSession = endpoint({
  method: 'GET',
  path: '/api/session',
  summary: 'The signed-in user, and the people you may act as',
  input: () => z.strictObject({}),
  output: Session,
})

export const signUp = endpoint({
  method: 'POST',
  path: '/api/signup',
  summary: 'Create an account and sign in',
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
  summary: 'Act as a demo person, where that is allowed',
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
      /** The browser and its operating system, if known. */
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
  summary: 'Where you are signed in',
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
  summary: 'Change your password, and sign out everywhere else',
  input: () => z.strictObject({ current_password: ownPassword(), password: newPassword() }),
  output: Sessions,
})

export const eraseAccount = endpoint({
  method: 'POST',
  path: '/api/account/erase',
  summary: 'Erase your account and everything you wrote',
  input: () => z.strictObject({ current_password: ownPassword() }),
  output: Session,
})
