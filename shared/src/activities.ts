import * as z from 'zod/mini'
import { endpoint } from './endpoint.ts'
import type { FieldCode } from './errors.ts'
import { messageMaxLines, NextCursor, pageFields, writtenText } from './text.ts'
import { givenHandle, Handle, Profile, UserShort } from './users.ts'

/** The counter under the composer and the API use the same limit. */
export const activityMaxLength = 280
export const replyMaxLength = 1024

/** The lifetimes that a crud can have, in hours. */
export const hoursByTtl = {
  '30-days': 720,
  '7-days': 168,
  '3-days': 72,
  '1-day': 24,
  '12-hours': 12,
  '3-hours': 3,
  '1-hour': 1,
} as const
export type Ttl = keyof typeof hoursByTtl
export const ttls = Object.keys(hoursByTtl) as [Ttl, ...Ttl[]]
export const defaultTtl: Ttl = '7-days'

const message = (maxLength: number) =>
  writtenText({
    maxLength,
    maxLines: messageMaxLines,
    blank: 'message_blank' satisfies FieldCode,
    tooLong: 'message_exceed_max_chars',
  })
const activityUuid = () =>
  z.string().check(
    z.refine((text) => text.trim() !== '', { error: 'activity_uuid_blank' satisfies FieldCode, abort: true }),
    z.uuid(),
  )

const activityFields = {
  uuid: z.uuid(),
  handle: Handle,
  display_name: z.string(),
  message: z.string(),
  likes_count: z.int(),
  replies_count: z.int(),
  reposts_count: z.int(),
  /** Whether the user who asks has liked or reposted the activity. */
  liked: z.boolean(),
  reposted: z.boolean(),
  reply_to_activity_uuid: z.nullable(z.uuid()),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
}

export const Reply = z.object(activityFields)
export type Reply = z.infer<typeof Reply>

export const Activity = z.object({
  ...activityFields,
  /** The user whose repost put the activity into this list, or null. */
  reposted_by: z.nullable(UserShort),
  /** The newest few replies. The page of the activity has all of them. */
  replies: z.array(Reply),
})
export type Activity = z.infer<typeof Activity>

export const ActivityPage = z.object({ activities: z.array(Activity), next_cursor: NextCursor })
export type ActivityPage = z.infer<typeof ActivityPage>

export const feedNames = ['everyone', 'following'] as const
export type FeedName = (typeof feedNames)[number]

export const homeFeed = endpoint({
  method: 'GET',
  path: '/api/activities/home',
  summary: 'The unexpired activities of everyone, or of the people you follow; newest first',
  input: () => z.strictObject({ feed: z._default(z.enum(feedNames), 'everyone'), ...pageFields() }),
  output: ActivityPage,
})

export const UserActivities = z.object({ profile: Profile, activities: z.array(Activity), next_cursor: NextCursor })
export type UserActivities = z.infer<typeof UserActivities>

export const userActivities = endpoint({
  method: 'GET',
  path: '/api/activities/@:handle',
  summary: 'A profile, with the activities that this person wrote and reposted; newest first',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle'), ...pageFields() }),
  output: UserActivities,
})

export const ActivityWithReplies = z.object({
  activity: Activity,
  /** The activity that this one replies to, unless that has expired. */
  parent: z.nullable(Activity),
  /** Oldest first. */
  replies: z.array(Reply),
  next_cursor: NextCursor,
})
export type ActivityWithReplies = z.infer<typeof ActivityWithReplies>

export const showActivity = endpoint({
  method: 'GET',
  path: '/api/activities/@:handle/status/:uuid',
  summary: 'One activity and its replies',
  input: () => z.strictObject({ handle: givenHandle('blank_user_handle'), uuid: activityUuid(), ...pageFields() }),
  output: ActivityWithReplies,
})

export const searchTermMaxLength = 100

export const Found = z.object({
  /** People whose handle or name starts with the term; on the first page only. */
  people: z.array(UserShort),
  activities: z.array(Activity),
  next_cursor: NextCursor,
})
export type Found = z.infer<typeof Found>

export const searchActivities = endpoint({
  method: 'GET',
  path: '/api/activities/search',
  summary: 'Activities by words, by #hashtag or by @handle; newest first',
  input: () =>
    z.strictObject({
      term: writtenText({ maxLength: searchTermMaxLength, blank: 'search_term_blank' }),
      ...pageFields(),
    }),
  output: Found,
})

export const createActivity = endpoint({
  method: 'POST',
  path: '/api/activities',
  summary: 'Write an activity with a lifetime',
  isIdempotent: true,
  input: () => z.strictObject({ message: message(activityMaxLength), ttl: z.enum(ttls, 'ttl_blank') }),
  output: Activity,
})

export const replyToActivity = endpoint({
  method: 'POST',
  path: '/api/activities/:uuid/reply',
  summary: 'Reply to an activity; the reply expires with it',
  isIdempotent: true,
  input: () => z.strictObject({ uuid: activityUuid(), message: message(replyMaxLength) }),
  output: Activity,
})

export const deleteActivity = endpoint({
  method: 'DELETE',
  path: '/api/activities/:uuid',
  summary: 'Delete your own activity, and the replies to it',
  input: () => z.strictObject({ uuid: activityUuid() }),
  output: z.object({ uuid: z.uuid() }),
})

export const Likes = z.object({ uuid: z.uuid(), likes_count: z.int(), liked: z.boolean() })
export type Likes = z.infer<typeof Likes>

export const likeActivity = endpoint({
  method: 'POST',
  path: '/api/activities/:uuid/like',
  summary: 'Like an activity; liking it again changes nothing',
  input: () => z.strictObject({ uuid: activityUuid() }),
  output: Likes,
})

export const unlikeActivity = endpoint({
  method: 'DELETE',
  path: '/api/activities/:uuid/like',
  summary: 'Remove your like; removing it again changes nothing',
  input: () => z.strictObject({ uuid: activityUuid() }),
  output: Likes,
})

export const Reposts = z.object({ uuid: z.uuid(), reposts_count: z.int(), reposted: z.boolean() })
export type Reposts = z.infer<typeof Reposts>

export const repostActivity = endpoint({
  method: 'POST',
  path: '/api/activities/:uuid/repost',
  summary: 'Repost an activity to your followers; reposting it again changes nothing',
  input: () => z.strictObject({ uuid: activityUuid() }),
  output: Reposts,
})

export const unrepostActivity = endpoint({
  method: 'DELETE',
  path: '/api/activities/:uuid/repost',
  summary: 'Remove your repost; removing it again changes nothing',
  input: () => z.strictObject({ uuid: activityUuid() }),
  output: Reposts,
})

export const Trends = z.object({
  /** `people`: how many people used the tag recently. */
  trends: z.array(z.object({ tag: z.string(), people: z.int() })),
})
export type Trends = z.infer<typeof Trends>

export const readTrends = endpoint({
  method: 'GET',
  path: '/api/trends',
  summary: 'The hashtags that most people used recently',
  input: () => z.strictObject({}),
  output: Trends,
})
