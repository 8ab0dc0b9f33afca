import { Handle } from '@cruddur/shared/users'
import * as z from 'zod/mini'

/** The request that made the change, in the form that telemetry reads. */
const caused = { cause: z.optional(z.nullable(z.string())) }

/** A statement announces its change with this note: ids of rows, never their contents. */
export const LiveNote = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('activity'),
    uuid: z.uuid(),
    user_uuid: z.uuid(),
    handle: Handle,
    reply_to_activity_uuid: z.nullable(z.uuid()),
    ...caused,
  }),
  z.object({
    kind: z.literal('counts'),
    uuid: z.uuid(),
    likes_count: z.int(),
    replies_count: z.int(),
    reposts_count: z.int(),
    /** The user who changed the counters. `liked` and `reposted` are this user's like and repost after the change. */
    by: z.nullable(z.uuid()),
    liked: z.nullable(z.boolean()),
    reposted: z.nullable(z.boolean()),
    ...caused,
  }),
  z.object({ kind: z.literal('gone'), uuid: z.uuid(), ...caused }),
  z.object({ kind: z.literal('notifications'), user_uuid: z.uuid(), ...caused }),
  z.object({
    kind: z.literal('message'),
    message_group_uuid: z.uuid(),
    by: z.uuid(),
    to: z.uuid(),
    ...caused,
  }),
  z.object({ kind: z.literal('message-read'), message_group_uuid: z.uuid(), user_uuid: z.uuid(), ...caused }),
  z.object({ kind: z.literal('profile'), handle: Handle, ...caused }),
  z.object({
    kind: z.literal('followers'),
    handle: Handle,
    followers_count: z.int(),
    /** The user who followed or unfollowed. `followed` says which of the two it was. */
    by: z.uuid(),
    followed: z.boolean(),
    ...caused,
  }),
  z.object({ kind: z.literal('sessions-ended'), session_uuids: z.array(z.uuid()), ...caused }),
])
export type LiveNote = z.infer<typeof LiveNote>
