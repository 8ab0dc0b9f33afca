import * as z from 'zod/mini'
import { once } from './once.ts'
import { Handle } from './users.ts'

/** Server-sent events about changes. The data of each is one `LiveEvent`. */
export const livePath = '/api/events'

/** The request that made the change, in the form that telemetry reads. */
const caused = { cause: z.optional(z.nullable(z.string())) }

/** `mine`: by the listener, perhaps in another tab. */
export const liveEvent = once(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('activity'),
      uuid: z.uuid(),
      handle: Handle,
      reply_to_activity_uuid: z.nullable(z.uuid()),
      /** Whether it belongs in the listener's Following feed. */
      following: z.boolean(),
      mine: z.boolean(),
      ...caused,
    }),
    z.object({
      kind: z.literal('counts'),
      uuid: z.uuid(),
      likes_count: z.int(),
      replies_count: z.int(),
      reposts_count: z.int(),
      /** The listener's own like and repost after the change; null if they did not change. */
      liked: z.nullable(z.boolean()),
      reposted: z.nullable(z.boolean()),
      ...caused,
    }),
    z.object({ kind: z.literal('gone'), uuid: z.uuid(), ...caused }),
    /** The listener has a new notification, or has read some. */
    z.object({ kind: z.literal('notifications'), ...caused }),
    z.object({ kind: z.literal('message'), message_group_uuid: z.uuid(), mine: z.boolean(), ...caused }),
    /** The listener read a conversation, perhaps in another tab. */
    z.object({ kind: z.literal('message-read'), message_group_uuid: z.uuid(), ...caused }),
    z.object({ kind: z.literal('profile'), handle: Handle, ...caused }),
    z.object({
      kind: z.literal('followers'),
      handle: Handle,
      followers_count: z.int(),
      /** Whether the listener follows this person now; null if another user followed or unfollowed. */
      followed: z.nullable(z.boolean()),
      ...caused,
    }),
    /** The session was ended elsewhere. */
    z.object({ kind: z.literal('signed-out'), ...caused }),
    /** Events may be lost: read everything again. */
    z.object({ kind: z.literal('resync'), ...caused }),
  ]),
)
export type LiveEvent = z.infer<ReturnType<typeof liveEvent>>
