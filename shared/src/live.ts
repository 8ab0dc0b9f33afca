import * as z from 'zod/mini'
import { once } from './once.ts'
import { Handle } from './users.ts'

/** Where the page hears what others do: server-sent events, each with one `LiveEvent` as its data. */
export const livePath = '/api/events'

/** The request that made the change, in the form that telemetry reads. */
const caused = { cause: z.optional(z.nullable(z.string())) }

/** `mine`: done by the one who listens, in another tab perhaps. */
export const liveEvent = once(() =>
  z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('activity'),
      uuid: z.uuid(),
      handle: Handle,
      reply_to_activity_uuid: z.nullable(z.uuid()),
      /** Whether it belongs into the listener's feed of those whom they follow. */
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
      /** What the listener themselves changed by it; null where they did not. */
      liked: z.nullable(z.boolean()),
      reposted: z.nullable(z.boolean()),
      ...caused,
    }),
    z.object({ kind: z.literal('gone'), uuid: z.uuid(), ...caused }),
    /** Something about the listener's notifications has changed: one more, or some were read. */
    z.object({ kind: z.literal('notifications'), ...caused }),
    z.object({ kind: z.literal('message'), message_group_uuid: z.uuid(), mine: z.boolean(), ...caused }),
    /** The listener read a conversation, in another tab perhaps. */
    z.object({ kind: z.literal('message-read'), message_group_uuid: z.uuid(), ...caused }),
    z.object({ kind: z.literal('profile'), handle: Handle, ...caused }),
    z.object({
      kind: z.literal('followers'),
      handle: Handle,
      followers_count: z.int(),
      /** Whether the listener follows them now; null where somebody else did it. */
      followed: z.nullable(z.boolean()),
      ...caused,
    }),
    /** The session is over, ended elsewhere. */
    z.object({ kind: z.literal('signed-out'), ...caused }),
    /** Something may have been missed: ask for everything anew. */
    z.object({ kind: z.literal('resync'), ...caused }),
  ]),
)
export type LiveEvent = z.infer<ReturnType<typeof liveEvent>>
