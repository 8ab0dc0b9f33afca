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

/** What they did, after their name. */
export const wordsOf: Record<NotificationKind, string> = {
  reply: 'replied to you',
  like: 'liked your crud',
  repost: 'reposted your crud',
  mention: 'mentioned you',
  follow: 'follows you now',
  message: 'sent you a message',
}

export const addressOf = ({ kind, actor, activity, message_group_uuid }: Notification): string => {
  if (kind === 'message' && message_group_uuid) return `/messages/${message_group_uuid}`
  if (activity) return `/@${activity.handle}/status/${activity.uuid}`
  return `/@${actor.handle}`
}
