import { homeFeed, likeActivity, unlikeActivity } from '@cruddur/shared/activities'
import { type Mount, requireUser } from '../http/mount.ts'
import { like, readHomeFeed, unlike } from './activities.service.ts'

export const activityRoutes = (mount: Mount): void => {
  mount(homeFeed, ({ input, user }) => readHomeFeed(user, input))
  mount(likeActivity, ({ input, user }) => like(requireUser(user), input.uuid))
  mount(unlikeActivity, ({ input, user }) => unlike(requireUser(user), input.uuid))
}
