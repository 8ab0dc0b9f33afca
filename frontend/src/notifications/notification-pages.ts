import type { Notification, Notifications } from '@cruddur/shared/notifications'

/** Pages overlap when something came in between: each is shown once, where it came first. */
export const notificationsOf = (pages: readonly Notifications[]): Notification[] =>
  [
    ...new Map(
      pages
        .flatMap(({ notifications }) => notifications)
        .reverse()
        .map((notification) => [notification.uuid, notification]),
    ).values(),
  ].reverse()

/** Until when all has been seen; null where nothing of it is new. */
export const unseenUntil = (notifications: readonly Notification[]): string | null => {
  const unread = notifications.filter(({ read }) => !read)
  return unread.length === 0
    ? null
    : (unread
        .map(({ created_at }) => created_at)
        .sort()
        .at(-1) ?? null)
}

/** It leaves with the crud that it is about. */
export const livesAt =
  (now: number) =>
  ({ activity }: Notification): boolean =>
    activity === null || Date.parse(activity.expires_at) > now
