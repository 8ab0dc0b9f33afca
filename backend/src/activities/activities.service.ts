import type { Activity, ActivityWithReplies, Reply } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { oldest, pageOf, positionOf } from '../cursor.ts'
import { notFound } from '../errors.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { type ActivityRow, selectActivity, selectNewestReplies, selectRepliesAfter } from './activities.queries.ts'

const repliesShown = 3

export const noSuchActivity = () => notFound('This crud does not exist or has expired.')

export const readActivity = traced(
  spanName.activityShow,
  async (
    asker: UserShort | null,
    { handle, uuid, after, limit }: PageRequest & { handle: string; uuid: string },
  ): Promise<ActivityWithReplies> => {
    annotate({ [attr.activityUuid]: uuid })
    const user = asker?.uuid ?? null
    const position = positionOf(after, oldest)
    const [row] = await selectActivity(user, uuid)
    if (row?.handle !== handle) throw noSuchActivity()
    const [parents, replies] = await Promise.all([
      row.reply_to_activity_uuid === null ? [] : selectActivity(user, row.reply_to_activity_uuid),
      row.replies_count === 0 ? [] : selectRepliesAfter(user, uuid, limit + 1, position),
    ])
    const page = pageOf(replies, limit)
    annotate({ [attr.resultLength]: page.rows.length, [attr.repliesCount]: row.replies_count })
    return {
      activity: toActivity(row),
      parent: parents[0] ? toActivity(parents[0]) : null,
      replies: page.rows.map(toReply),
      next_cursor: page.next_cursor,
    }
  },
)

/** Adds the newest replies to each activity. */
export const withReplies = async (asker: string | null, activities: Activity[]): Promise<Activity[]> => {
  const parents = activities.filter(({ replies_count }) => replies_count > 0).map(({ uuid }) => uuid)
  if (parents.length === 0) return activities
  const replies = (await selectNewestReplies(asker, parents, repliesShown)).map(toReply)
  return activities.map((activity) => ({
    ...activity,
    replies: replies.filter(({ reply_to_activity_uuid }) => reply_to_activity_uuid === activity.uuid),
  }))
}

export const toActivity = (row: ActivityRow, repostedBy: UserShort | null = null): Activity => ({
  ...toReply(row),
  reposted_by: repostedBy,
  replies: [],
})

const toReply = (row: ActivityRow): Reply => ({
  ...row,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
})
