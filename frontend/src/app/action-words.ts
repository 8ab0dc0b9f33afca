import type { Action } from '../telemetry/index.ts'

type Words = { done: string; failed: string }

const wordsByTrace: Record<string, Words> = {
  like: { done: 'Liked', failed: 'Like failed' },
  unlike: { done: 'Like taken back', failed: 'Taking the like back failed' },
  'load more': { done: 'More loaded', failed: 'Loading more failed' },
  'load-more': { done: 'More loaded', failed: 'Loading more failed' },
  post: { done: 'Crud posted', failed: 'Posting failed' },
  'send reply': { done: 'Replied', failed: 'Replying failed' },
  repost: { done: 'Reposted', failed: 'Reposting failed' },
  'undo repost': { done: 'Repost taken back', failed: 'Taking the repost back failed' },
  delete: { done: 'Deleted', failed: 'Deleting failed' },
  share: { done: 'Shared', failed: 'Sharing failed' },
  'copy link': { done: 'Link copied', failed: 'Copying the link failed' },
  'show all replies': { done: 'Replies opened', failed: 'Opening the replies failed' },
  'try now': { done: 'Sent again', failed: 'Sending again failed' },
  'send waiting': { done: 'Sent what waited', failed: 'Sending what waited failed' },
  'try message again': { done: 'Sent again', failed: 'Sending again failed' },
  'retry suggested': { done: 'Tried again', failed: 'Tried again, in vain' },
  'load-older': { done: 'Older ones loaded', failed: 'Loading older ones failed' },
  'retry trends': { done: 'Tried again', failed: 'Tried again, in vain' },
  'show new': { done: 'New cruds shown', failed: 'Showing new cruds failed' },
  'open crud': { done: 'Crud opened', failed: 'Opening the crud failed' },
  'open profile': { done: 'Profile opened', failed: 'Opening the profile failed' },
  mention: { done: 'Profile opened', failed: 'Opening the profile failed' },
  hashtag: { done: 'Hashtag searched', failed: 'Searching failed' },
  trend: { done: 'Hashtag searched', failed: 'Searching failed' },
  search: { done: 'Searched', failed: 'Searching failed' },
  'search page': { done: 'Search opened', failed: 'Opening search failed' },
  everyone: { done: 'Everyone’s cruds shown', failed: 'Showing the feed failed' },
  following: { done: 'Those you follow shown', failed: 'Showing the feed failed' },
  follow: { done: 'Followed', failed: 'Following failed' },
  unfollow: { done: 'Followed no longer', failed: 'Unfollowing failed' },
  profile: { done: 'Profile opened', failed: 'Opening the profile failed' },
  'save profile': { done: 'Profile saved', failed: 'Saving the profile failed' },
  notifications: { done: 'Notifications opened', failed: 'Opening notifications failed' },
  'open notification': { done: 'Notification opened', failed: 'Opening the notification failed' },
  'mark read': { done: 'Marked as read', failed: 'Marking as read failed' },
  messages: { done: 'Messages opened', failed: 'Opening messages failed' },
  conversations: { done: 'Messages opened', failed: 'Opening messages failed' },
  'open conversation': { done: 'Conversation opened', failed: 'Opening the conversation failed' },
  message: { done: 'Conversation opened', failed: 'Opening the conversation failed' },
  'send message': { done: 'Message sent', failed: 'Sending failed' },
  'load older': { done: 'Older ones loaded', failed: 'Loading older ones failed' },
  'sign in': { done: 'Signed in', failed: 'Signing in failed' },
  'sign up': { done: 'Signed up', failed: 'Signing up failed' },
  'sign out': { done: 'Signed out', failed: 'Signing out failed' },
  'act as': { done: 'Choice made', failed: 'Choosing failed' },
  session: { done: 'Another tab changed who acts', failed: 'Following another tab failed' },
  sessions: { done: 'Sessions opened', failed: 'Opening sessions failed' },
  'sign out there': { done: 'Signed out there', failed: 'Signing out there failed' },
  'sign out elsewhere': { done: 'Signed out elsewhere', failed: 'Signing out elsewhere failed' },
  back: { done: 'Went back', failed: 'Going back failed' },
  retry: { done: 'Tried again', failed: 'Tried again, in vain' },
  home: { done: 'Feed refreshed', failed: 'Refreshing failed' },
  'break the server': { done: 'The server did not break', failed: 'The server broke, as it was asked to' },
  navigate: { done: 'Page opened', failed: 'Opening the page failed' },
  'go home': { done: 'Went home', failed: 'Going home failed' },
}

/** A span's name is its event and what was acted on: `click like`. */
const actedOn = (name: string): string => name.replace(/^\S+ /, '')

export const wordsOf = ({ name, failed }: Pick<Action, 'name' | 'failed'>): string => {
  const words = wordsByTrace[actedOn(name)]
  if (words) return failed ? words.failed : words.done
  const plain = actedOn(name)
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}${failed ? ' failed' : ''}`
}

export const milliseconds = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1_000).toFixed(1)}\u00a0s`

/** Where the time went, as far as the answers told: rounded so that the parts add up to the rounded whole. */
export const splitOf = ({
  durationMs,
  networkMs,
  serverMs,
  requests,
}: Pick<Action, 'durationMs' | 'networkMs' | 'serverMs' | 'requests'>): string | null => {
  if (networkMs === null || serverMs === null) return null
  const whole = Math.round(durationMs)
  const sum = Math.round(serverMs + networkMs)
  const answered = requests === 1 ? Math.min(sum, whole) : sum
  const server = Math.min(Math.round(serverMs), answered)
  const told = `network ${answered - server} · server ${server}`
  // Requests that ran side by side took more together than the action did.
  return answered > whole ? `${told} in ${requests} requests` : `${told} · page ${whole - answered}`
}

/** The look-up of a trace is bounded in time at some vendors: this much before and after may belong to it. */
const marginSeconds = 60

export type TraceOfInterest = Pick<Action, 'traceId' | 'spanId' | 'startMs' | 'durationMs'>

export const traceUrl = (
  template: string | null | undefined,
  { traceId, spanId, startMs, durationMs }: TraceOfInterest,
): string | null => {
  if (!template || !/^https?:\/\//.test(template)) return null
  const values: Record<string, string> = {
    traceId,
    spanId,
    startSeconds: String(Math.floor(startMs / 1_000) - marginSeconds),
    endSeconds: String(Math.ceil((startMs + durationMs) / 1_000) + marginSeconds),
  }
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}
