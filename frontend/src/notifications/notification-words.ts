import type { Notification, NotificationKind } from '@cruddur/shared/notifications'
import type { IconName } from '../ui/icons.tsx'

export const iconOf: Record<NotificationKind, IconName> = {
  reply: 'reply',
  like: 'heart',
  repost: 'repost',
  mention: 'bell',
  follow: 'follow',
  message: 'mail',
}

/** Follows the person's name. */
export const wordsOf: Record<NotificationKind, string> = {
  reply: 'replied to you',
  like: 'liked your crud',
  repost: 'reposted your crud',
  mention: 'mentioned you',
  follow: 'followed you',
  message: 'sent you a message',
}

export const addressOf = ({ kind, actor, activity, message_group_uuid }: Notification): string => {
  if (kind === 'message' && message_group_uuid) return `/messages/${message_group_uuid}`
  if (activity) return `/@${activity.handle}/status/${activity.uuid}`
  return `/@${actor.handle}`
}
