import type { Reply } from '@cruddur/shared/activities'
import { isExpired } from '../ui/relative-time.ts'

type Shown = Reply & { replies?: readonly Reply[] }

/** An expired activity fades for this long before it is removed. */
const fadeMs = 1_000

const isGone = ({ expires_at }: Reply, now: number): boolean => isExpired(expires_at, now - fadeMs)

const withReplies = (activity: Shown): readonly Reply[] => [activity, ...(activity.replies ?? [])]

/** One character for each activity and reply: shown, fading or gone. It changes when one of them does. */
export const expiryKey = (activities: readonly Shown[], now: number): string =>
  activities
    .flatMap(withReplies)
    .map((activity) => (isGone(activity, now) ? '0' : isExpired(activity.expires_at, now) ? '-' : '1'))
    .join('')

/** Leaves out the activities and replies that are gone. */
export const unexpired = <One extends Shown>(activities: readonly One[], now: number): One[] =>
  activities
    .filter((activity) => !isGone(activity, now))
    .map((activity) =>
      activity.replies?.some((reply) => isGone(reply, now))
        ? { ...activity, replies: activity.replies.filter((reply) => !isGone(reply, now)) }
        : activity,
    )
