import {
  exportAccount,
  followUser,
  suggestedUsers,
  unfollowUser,
  updateProfile,
  userShort,
} from '@cruddur/shared/users'
import { type Mount, requireUser } from '../http/mount.ts'
import type { Limiter } from '../http/rate-limits.ts'
import {
  exportAccount as exportOf,
  follow,
  readUser,
  suggestUsers,
  unfollow,
  updateProfile as update,
} from './users.service.ts'

export const userRoutes = (mount: Mount, limiter: Pick<Limiter, 'export'>): void => {
  mount(suggestedUsers, ({ user }) => suggestUsers(user))
  mount(userShort, ({ input }) => readUser(input.handle))
  mount(updateProfile, ({ input, user }) => update(requireUser(user), input))
  mount(exportAccount, ({ user }) => {
    const person = requireUser(user)
    limiter.export(person.uuid)
    return exportOf(person)
  })
  mount(followUser, ({ input, user }) => follow(requireUser(user), input.handle))
  mount(unfollowUser, ({ input, user }) => unfollow(requireUser(user), input.handle))
}
