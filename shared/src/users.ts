import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import type { FieldCode } from './errors.ts'
import { optionalText, writtenText } from './text.ts'

const handlePattern = /^[a-z0-9_]{1,30}$/

export const Handle = z.string().check(z.regex(handlePattern))

/** A handle as people type it: capitals and an @ in front are forgiven. */
export const givenHandle = (blank: FieldCode) =>
  z.string({ error: ({ input }) => (input === undefined || input === null ? blank : 'must be text') }).check(
    z.overwrite((text) => text.trim().replace(/^@/, '').toLowerCase()),
    z.minLength(1, blank),
    z.regex(handlePattern, 'may have up to 30 letters a–z, digits and _'),
  )

export const displayNameMost = 60
export const bioMost = 160
export const displayName = () => writtenText({ most: displayNameMost, blank: 'display_name_blank' })

export const UserShort = z.object({
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
})
export type UserShort = z.infer<typeof UserShort>

export const Profile = z.object({
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  bio: z.string(),
  created_at: z.iso.datetime(),
  /** Living ones, replies included. */
  cruds_count: z.int(),
  followers_count: z.int(),
  following_count: z.int(),
  /** Whether the one who asks follows this person, and is followed back. */
  followed: z.boolean(),
  follows_you: z.boolean(),
})
export type Profile = z.infer<typeof Profile>

export const People = z.object({ people: z.array(UserShort) })
export type People = z.infer<typeof People>

export const userShort = endpoint({
  method: 'GET',
  path: '/api/users/@:handle/short',
  summary: 'Who has this handle',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: UserShort,
})

export const suggestedUsers = endpoint({
  method: 'GET',
  path: '/api/users/suggested',
  summary: 'People whom the one who asks does not follow yet, and may want to',
  input: () => z.strictObject({}),
  output: People,
})

export const updateProfile = endpoint({
  method: 'POST',
  path: '/api/profile/update',
  summary: 'Change one’s own name and bio',
  input: () => z.strictObject({ display_name: displayName(), bio: z._default(optionalText({ most: bioMost }), '') }),
  output: Profile,
})

export const Follow = z.object({
  handle: Handle,
  followed: z.boolean(),
  followers_count: z.int(),
})
export type Follow = z.infer<typeof Follow>

export const followUser = endpoint({
  method: 'POST',
  path: '/api/users/@:handle/follow',
  summary: 'Follow somebody; following twice changes nothing',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: Follow,
})

export const unfollowUser = endpoint({
  method: 'DELETE',
  path: '/api/users/@:handle/follow',
  summary: 'Follow somebody no longer; doing so twice changes nothing',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: Follow,
})
