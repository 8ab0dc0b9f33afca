import type { Activity, ActivityPage, Likes, Reply } from '@cruddur/shared/activities'
import { isExpired } from '../ui/relative-time.ts'

/** Pages overlap when something came in between: each activity is shown once, where it came first. */
export const activitiesOf = (pages: readonly ActivityPage[]): Activity[] => {
  const known = new Map<string, Activity>()
  for (const { activities } of pages) {
    for (const activity of activities) if (!known.has(activity.uuid)) known.set(activity.uuid, activity)
  }
  return [...known.values()]
}

const applied = <Liked extends Reply>(activity: Liked, likes: ReadonlyMap<string, Likes>): Liked => {
  const answer = likes.get(activity.uuid)
  return answer ? { ...activity, likes_count: answer.likes_count, liked: answer.liked } : activity
}

export const withLikes = (page: ActivityPage, likes: ReadonlyMap<string, Likes>): ActivityPage =>
  likes.size === 0
    ? page
    : {
        ...page,
        activities: page.activities.map((activity) => ({
          ...applied(activity, likes),
          replies: activity.replies.map((reply) => applied(reply, likes)),
        })),
      }

/** What is shown while a like is on its way: the server's count, and the one wish of this user that it lacks. */
export const wished = (
  { liked, likes_count }: Reply,
  wish: boolean | undefined,
): Pick<Reply, 'liked' | 'likes_count'> =>
  wish === undefined || wish === liked
    ? { liked, likes_count }
    : { liked: wish, likes_count: Math.max(0, likes_count + (wish ? 1 : -1)) }

const mostWords = 5
const mostCharacters = 40

/** Enough of a message to tell it from another one by ear. */
export const firstWords = (message: string): string => {
  const words = message.trim().split(/\s+/)
  const first = words.slice(0, mostWords).join(' ')
  const characters = [...first]
  if (characters.length > mostCharacters) return `${characters.slice(0, mostCharacters).join('')}…`
  return words.length > mostWords ? `${first}…` : first
}

/** Who lives, as one word: it changes exactly when somebody has gone. */
export const livingKey = (activities: readonly Activity[], now: number): string =>
  activities
    .flatMap((activity) => [activity, ...activity.replies])
    .map(({ expires_at }) => (isExpired(expires_at, now) ? '0' : '1'))
    .join('')

export const living = (activities: readonly Activity[], now: number): Activity[] =>
  activities
    .filter(({ expires_at }) => !isExpired(expires_at, now))
    .map((activity) =>
      activity.replies.some(({ expires_at }) => isExpired(expires_at, now))
        ? { ...activity, replies: activity.replies.filter(({ expires_at }) => !isExpired(expires_at, now)) }
        : activity,
    )
