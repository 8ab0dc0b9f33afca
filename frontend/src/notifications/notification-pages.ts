import type { Notification } from '@cruddur/shared/notifications'

/** The time of the newest unread notification. */
export const newestUnreadAt = (notifications: readonly Notification[]): string | null => {
  const unread = notifications.filter(({ read }) => !read).map(({ created_at }) => created_at)
  return unread.sort().at(-1) ?? null
}

/** A notification leaves when its activity expires. */
export const isCurrentAt =
  (now: number) =>
  ({ activity }: Notification): boolean =>
    activity === null || Date.parse(activity.expires_at) > now
