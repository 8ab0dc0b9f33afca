import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import type { FieldCode } from './errors.ts'
import { once } from './once.ts'
import { optionalText, writtenText } from './text.ts'

const handlePattern = /^[a-z0-9_]{1,30}$/

export const Handle = z.string().check(z.regex(handlePattern))

/** A handle as people type it, perhaps with capitals and an @. */
export const givenHandle = (blank: FieldCode) =>
  z.string({ error: ({ input }) => (input === undefined || input === null ? blank : 'must be text') }).check(
    z.overwrite((text) => text.trim().replace(/^@/, '').toLowerCase()),
    z.minLength(1, blank),
    z.regex(handlePattern, 'must have 1 to 30 letters a–z, digits or _'),
  )

const reserved = `about abuse account actions admin administrator api billing contact everyone following help home
  hostmaster info legal licenses mail messages moderator nobody noreply notifications official
  postmaster privacy relay rollbar root search security sessions settings signin signout signup staff
  status support system team terms webmaster www`.split(/\s+/)
const lookalikes: Record<string, string> = { 0: 'o', 1: 'i', l: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', _: '' }
const looksLike = (handle: string): string => handle.replace(/[01l3457_]/g, (sign) => lookalikes[sign] ?? sign)
const reservedLooks = once(() => new Set(reserved.map(looksLike)))

/** Whether the handle looks official or is a path of the page. */
const isReserved = (handle: string): boolean =>
  reservedLooks().has(looksLike(handle)) || looksLike(handle).startsWith('cruddur')

/** A handle for a new account. */
export const newHandle = (blank: FieldCode) =>
  givenHandle(blank).check(z.refine((handle) => !isReserved(handle), 'is reserved'))

export const displayNameMaxLength = 60
export const bioMaxLength = 160
const bioMaxLines = 8
export const displayName = () => writtenText({ maxLength: displayNameMaxLength, blank: 'display_name_blank' })

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
  /** Unexpired activities, including replies. */
  cruds_count: z.int(),
  followers_count: z.int(),
  following_count: z.int(),
  /** `followed`: the user who asks follows this person. `follows_you`: this person follows the user. */
  followed: z.boolean(),
  follows_you: z.boolean(),
})
export type Profile = z.infer<typeof Profile>

export const People = z.object({ people: z.array(UserShort) })
export type People = z.infer<typeof People>

export const userShort = endpoint({
  method: 'GET',
  path: '/api/users/@:handle/short',
  summary: 'The person with this handle',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: UserShort,
})

export const suggestedUsers = endpoint({
  method: 'GET',
  path: '/api/users/suggested',
  summary: 'People to follow',
  input: () => z.strictObject({}),
  output: People,
})

export const updateProfile = endpoint({
  method: 'POST',
  path: '/api/profile/update',
  summary: 'Change your name and bio',
  input: () =>
    z.strictObject({
      display_name: displayName(),
      bio: z._default(optionalText({ maxLength: bioMaxLength, maxLines: bioMaxLines }), ''),
    }),
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
  summary: 'Follow a person; following again changes nothing',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: Follow,
})

export const unfollowUser = endpoint({
  method: 'DELETE',
  path: '/api/users/@:handle/follow',
  summary: 'Unfollow a person; unfollowing again changes nothing',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle') }),
  output: Follow,
})

export const exportMaxRows = 10_000

const when = z.iso.datetime()
const inTime = <Fields extends z.core.$ZodLooseShape>(fields: Fields) =>
  z.array(z.object({ ...fields, created_at: when }))
/** Everything stored about a user. Each list has the newest `exportMaxRows` entries. */
export const AccountExport = z.object({
  handle: Handle,
  display_name: z.string(),
  bio: z.string(),
  email: z.nullable(z.string()),
  created_at: when,
  sessions: inTime({ client: z.string(), last_seen_at: when }),
  activities: inTime({
    uuid: z.uuid(),
    message: z.string(),
    reply_to_activity_uuid: z.nullable(z.uuid()),
    expires_at: when,
  }),
  messages: inTime({ uuid: z.uuid(), to: Handle, message: z.string() }),
  likes: inTime({ activity_uuid: z.uuid() }),
  reposts: inTime({ activity_uuid: z.uuid() }),
  follows: inTime({ handle: Handle }),
  followers: inTime({ handle: Handle }),
})
export type AccountExport = z.infer<typeof AccountExport>

export const exportAccount = endpoint({
  method: 'GET',
  path: '/api/account/export',
  summary: 'Everything stored about you',
  input: () => z.strictObject({}),
  output: AccountExport,
})
