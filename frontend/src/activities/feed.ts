import type { Activity, Reply } from '@cruddur/shared/activities'
import { isExpired } from '../ui/relative-time.ts'

/** Pages overlap when something came in between: each activity is shown once, where it came first. */
export const onceEach = <Shown extends Reply>(pages: readonly (readonly Shown[])[]): Shown[] => {
  const known = new Map<string, Shown>()
  for (const activity of pages.flat()) if (!known.has(activity.uuid)) known.set(activity.uuid, activity)
  return [...known.values()]
}

/** What is shown while a wish is on its way: the server's count, and the one wish of this user that it lacks. */
export const wished = (fulfilled: boolean, count: number, wish: boolean | undefined): { on: boolean; count: number } =>
  wish === undefined || wish === fulfilled
    ? { on: fulfilled, count }
    : { on: wish, count: Math.max(0, count + (wish ? 1 : -1)) }

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

/** How long what has expired may still be seen leaving. */
const leavingMs = 1_000

const isOver = ({ expires_at }: Reply, now: number): boolean => isExpired(expires_at, now - leavingMs)

/** Who lives, who leaves and who has left, as one word: it changes exactly when somebody goes on to the next. */
export const livingKey = (activities: readonly (Reply & { replies?: readonly Reply[] })[], now: number): string =>
  activities
    .flatMap((activity) => [activity, ...(activity.replies ?? [])])
    .map((activity) => (isOver(activity, now) ? '0' : isExpired(activity.expires_at, now) ? '-' : '1'))
    .join('')

/** When the next of them leaves. */
export const nextExpiry = (
  activities: readonly (Reply & { replies?: readonly Reply[] })[],
  now: number,
): number | null => {
  const coming = activities
    .flatMap((activity) => [activity, ...(activity.replies ?? [])])
    .map(({ expires_at }) => Date.parse(expires_at))
    .filter((at) => at > now)
  return coming.length > 0 ? Math.min(...coming) : null
}

/** Those who live, and those whose leaving can still be seen. */
export const living = <Shown extends Reply>(activities: readonly Shown[], now: number): Shown[] =>
  activities.filter((activity) => !isOver(activity, now)).map((activity) => withLivingReplies(activity, now))

const withLivingReplies = <Shown extends Reply & { replies?: readonly Reply[] }>(
  activity: Shown,
  now: number,
): Shown =>
  activity.replies?.some((reply) => isOver(reply, now))
    ? { ...activity, replies: activity.replies.filter((reply) => !isOver(reply, now)) }
    : activity

export const profileAddress = (handle: string): string => `/@${handle}`
export const crudAddress = ({ handle, uuid }: Pick<Reply, 'handle' | 'uuid'>): string => `/@${handle}/status/${uuid}`
export const searchAddress = (term: string): string => `/search?${new URLSearchParams({ term })}`

export const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`

/** The replies that a card shows are the newest few; this many more are on the crud's own page. */
export const hiddenReplies = ({ replies, replies_count }: Activity): number =>
  Math.max(0, replies_count - replies.length)
