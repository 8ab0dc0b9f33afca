import { countUnread, listNotifications, readNotifications } from '@cruddur/shared/notifications'
import { type Mount, requireUser } from '../http/mount.ts'
import { count, markRead, readList } from './notifications.service.ts'

export const notificationRoutes = (mount: Mount): void => {
  mount(listNotifications, ({ input, user }) => readList(requireUser(user), input))
  mount(readNotifications, ({ input, user }) => markRead(requireUser(user), input.until))
  mount(countUnread, ({ user }) => count(requireUser(user)))
}
