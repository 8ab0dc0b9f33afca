import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import { Handle } from './users.ts'

const activityFields = {
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  message: z.string(),
  likes_count: z.int(),
  replies_count: z.int(),
  reposts_count: z.int(),
  /** Whether the one who asks has liked it. */
  liked: z.boolean(),
  reply_to_activity_uuid: z.nullable(z.uuid()),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
}

export const Reply = z.object(activityFields)
export type Reply = z.infer<typeof Reply>

export const Activity = z.object({ ...activityFields, replies: z.array(Reply) })
export type Activity = z.infer<typeof Activity>

export const ActivityPage = z.object({
  activities: z.array(Activity),
  /** Give it as `after` to read on; null at the end. */
  next_cursor: z.nullable(z.string()),
})
export type ActivityPage = z.infer<typeof ActivityPage>

export const Likes = z.object({
  uuid: z.uuid(),
  likes_count: z.int(),
  liked: z.boolean(),
})
export type Likes = z.infer<typeof Likes>

export const homeFeed = endpoint({
  method: 'GET',
  path: '/api/activities/home',
  summary: "Everyone's activities that have not expired, newest first",
  input: z.strictObject({
    after: z.optional(z.string().check(z.maxLength(200))),
    limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(50)), 20),
  }),
  output: ActivityPage,
})

export const likeActivity = endpoint({
  method: 'POST',
  path: '/api/activities/:uuid/like',
  summary: 'Like an activity; liking it twice changes nothing',
  input: z.strictObject({ uuid: z.uuid() }),
  output: Likes,
})

export const unlikeActivity = endpoint({
  method: 'DELETE',
  path: '/api/activities/:uuid/like',
  summary: 'Take a like back; doing so twice changes nothing',
  input: z.strictObject({ uuid: z.uuid() }),
  output: Likes,
})
