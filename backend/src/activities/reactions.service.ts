import type { Likes, Reposts } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import type { UserShort } from '@cruddur/shared/users'
import { annotate, traced } from '../telemetry/index.ts'
import { noSuchActivity } from './activities.service.ts'
import { deleteLike, deleteRepost, insertLike, insertRepost } from './reactions.queries.ts'

export const like = traced(spanName.activityLike, (user: UserShort, uuid: string) => likes(user, uuid, true))
export const unlike = traced(spanName.activityUnlike, (user: UserShort, uuid: string) => likes(user, uuid, false))
export const repost = traced(spanName.activityRepost, (user: UserShort, uuid: string) => reposts(user, uuid, true))
export const unrepost = traced(spanName.activityUnrepost, (user: UserShort, uuid: string) => reposts(user, uuid, false))

const likes = async (user: UserShort, uuid: string, liked: boolean): Promise<Likes> => {
  const likes_count = await change(liked ? insertLike : deleteLike, user, uuid)
  annotate({ [attr.likesCount]: likes_count })
  return { uuid, likes_count, liked }
}

const reposts = async (user: UserShort, uuid: string, reposted: boolean): Promise<Reposts> => {
  const reposts_count = await change(reposted ? insertRepost : deleteRepost, user, uuid)
  annotate({ [attr.repostsCount]: reposts_count })
  return { uuid, reposts_count, reposted }
}

const change = async (react: typeof insertLike, user: UserShort, uuid: string): Promise<number> => {
  annotate({ [attr.activityUuid]: uuid })
  const [row] = await react(user.uuid, uuid)
  if (!row) throw noSuchActivity()
  annotate({ [attr.changed]: row.changed })
  return row.count
}
