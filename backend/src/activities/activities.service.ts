import type { Activity, ActivityPage, Likes, Reply } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { UserShort } from '@cruddur/shared/users'
import { notFound } from '../errors.ts'
import { annotate, log, traced } from '../telemetry/index.ts'
import {
  type ActivityRow,
  deleteLike,
  insertLike,
  selectNewest,
  selectOlderThan,
  selectReplies,
} from './activities.queries.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'

const repliesShown = 50

type PageRequest = { after?: string | undefined; limit: number }

export const readHomeFeed = traced(
  spanName.homeFeed,
  async (asker: UserShort | null, { after, limit }: PageRequest): Promise<ActivityPage> => {
    const user = asker?.uuid ?? null
    // One more than asked for tells whether there is a next page.
    const rows =
      after === undefined
        ? await selectNewest(user, limit + 1)
        : await selectOlderThan(user, limit + 1, decodeCursor(after))
    const page = rows.slice(0, limit)
    const withReplies = page.filter((row) => row.replies_count > 0).map((row) => row.uuid)
    const replies = withReplies.length > 0 ? await selectReplies(user, withReplies, repliesShown) : []
    const last = rows.length > limit ? page.at(-1) : undefined
    annotate({
      [attr.now]: new Date().toISOString(),
      [attr.resultLength]: page.length,
      [attr.userId]: user ?? 'anonymous',
    })
    log.info('the home feed was read', { result_length: page.length })
    return {
      activities: page.map((row) => withRepliesOf(row, replies)),
      next_cursor: last ? encodeCursor({ createdAt: last.created_at.toISOString(), uuid: last.uuid }) : null,
    }
  },
)

export const like = traced(spanName.activityLike, (user: UserShort, uuid: string) =>
  changeLike(user, uuid, insertLike, true),
)

export const unlike = traced(spanName.activityUnlike, (user: UserShort, uuid: string) =>
  changeLike(user, uuid, deleteLike, false),
)

const changeLike = async (user: UserShort, uuid: string, change: typeof insertLike, liked: boolean): Promise<Likes> => {
  annotate({ [attr.activityUuid]: uuid, [attr.userId]: user.uuid })
  const [row] = await change(user.uuid, uuid)
  if (!row) throw notFound('activity, or it has expired')
  annotate({ [attr.likesCount]: row.likes_count, [attr.changed]: row.changed })
  return { uuid, likes_count: row.likes_count, liked }
}

const withRepliesOf = (row: ActivityRow, replies: ActivityRow[]): Activity => ({
  ...toReply(row),
  reposted_by: null,
  replies: replies.filter((reply) => reply.reply_to_activity_uuid === row.uuid).map(toReply),
})

const toReply = (row: ActivityRow): Reply => ({
  ...row,
  created_at: row.created_at.toISOString(),
  expires_at: row.expires_at.toISOString(),
})
