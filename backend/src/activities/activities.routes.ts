import {
  createActivity,
  deleteActivity,
  homeFeed,
  likeActivity,
  readTrends,
  replyToActivity,
  repostActivity,
  searchActivities,
  showActivity,
  unlikeActivity,
  unrepostActivity,
  userActivities,
} from '@cruddur/shared/activities'
import { type Mount, requireUser } from '../http/mount.ts'
import { readActivity } from './activities.service.ts'
import { readHomeFeed, readUserActivities } from './feeds.service.ts'
import { like, repost, unlike, unrepost } from './reactions.service.ts'
import { listTrends, search } from './search.service.ts'
import { remove, replyTo, write } from './writing.service.ts'

export const activityRoutes = (mount: Mount): void => {
  mount(homeFeed, ({ input, user }) => readHomeFeed(user, input))
  mount(userActivities, ({ input, user }) => readUserActivities(user, input))
  mount(showActivity, ({ input, user }) => readActivity(user, input))
  mount(searchActivities, ({ input, user }) => search(user, input))
  mount(readTrends, () => listTrends())
  mount(createActivity, ({ input, user, idempotencyKey }) => write(requireUser(user), { ...input, idempotencyKey }))
  mount(replyToActivity, ({ input, user, idempotencyKey }) => replyTo(requireUser(user), { ...input, idempotencyKey }))
  mount(deleteActivity, ({ input, user }) => remove(requireUser(user), input.uuid))
  mount(likeActivity, ({ input, user }) => like(requireUser(user), input.uuid))
  mount(unlikeActivity, ({ input, user }) => unlike(requireUser(user), input.uuid))
  mount(repostActivity, ({ input, user }) => repost(requireUser(user), input.uuid))
  mount(unrepostActivity, ({ input, user }) => unrepost(requireUser(user), input.uuid))
}
