import type { OwnAction, PageAct } from '@cruddur/shared/telemetry'
import type { PastAction } from './action-history.ts'

type Act = PageAct | ActOf<OwnAction>
type ActOf<Name> = Name extends `${string} ${infer Act}` ? Act : never

/** For the acts that make a request. The others make no trace. */
const wordsByAct: Partial<Record<Act, readonly [done: string, failed: string]>> = {
  'break a promise': ['Promise broken', 'Promise broken, as you asked'],
  'break this page': ['Page broken', 'Page broken, as you asked'],
  signals: ['Signals opened', 'Opening the signals failed'],
  like: ['Liked', 'Like failed'],
  unlike: ['Unliked', 'Unliking failed'],
  'load more': ['More loaded', 'Loading more failed'],
  post: ['Crud posted', 'Posting failed'],
  'send reply': ['Replied', 'Replying failed'],
  repost: ['Reposted', 'Reposting failed'],
  'undo repost': ['Repost undone', 'Undoing the repost failed'],
  delete: ['Deleted', 'Deleting failed'],
  'show all replies': ['Replies opened', 'Opening the replies failed'],
  'try now': ['Sent again', 'Sending again failed'],
  'send waiting': ['Waiting cruds sent', 'Sending waiting cruds failed'],
  'try message again': ['Sent again', 'Sending again failed'],
  'retry suggested': ['Retried', 'Retry failed'],
  'retry trends': ['Retried', 'Retry failed'],
  'show new': ['New cruds shown', 'Showing new cruds failed'],
  'open crud': ['Crud opened', 'Opening the crud failed'],
  'open profile': ['Profile opened', 'Opening the profile failed'],
  mention: ['Profile opened', 'Opening the profile failed'],
  hashtag: ['Hashtag searched', 'Searching failed'],
  trend: ['Hashtag searched', 'Searching failed'],
  search: ['Searched', 'Searching failed'],
  'search page': ['Search opened', 'Opening search failed'],
  everyone: ['Everyone shown', 'Showing the feed failed'],
  following: ['Following shown', 'Showing the feed failed'],
  follow: ['Followed', 'Following failed'],
  unfollow: ['Unfollowed', 'Unfollowing failed'],
  profile: ['Profile opened', 'Opening the profile failed'],
  'save profile': ['Profile saved', 'Saving the profile failed'],
  notifications: ['Notifications opened', 'Opening notifications failed'],
  'open notification': ['Notification opened', 'Opening the notification failed'],
  messages: ['Messages opened', 'Opening messages failed'],
  conversations: ['Messages opened', 'Opening messages failed'],
  'open conversation': ['Conversation opened', 'Opening the conversation failed'],
  message: ['Conversation opened', 'Opening the conversation failed'],
  'send message': ['Message sent', 'Sending failed'],
  'load older': ['Older messages loaded', 'Loading older messages failed'],
  'sign in': ['Signed in', 'Signing in failed'],
  'sign up': ['Signed up', 'Signing up failed'],
  'sign out': ['Signed out', 'Signing out failed'],
  sessions: ['Sessions opened', 'Opening the sessions failed'],
  settings: ['Settings opened', 'Opening the settings failed'],
  'change password': ['Password changed', 'Changing the password failed'],
  'export account': ['Data downloaded', 'Downloading the data failed'],
  'erase account': ['Account erased', 'Erasing the account failed'],
  'sign out there': ['Signed out there', 'Signing out there failed'],
  'sign out elsewhere': ['Signed out everywhere else', 'Signing out elsewhere failed'],
  back: ['Went back', 'Going back failed'],
  retry: ['Retried', 'Retry failed'],
  home: ['Feed refreshed', 'Refreshing the feed failed'],
  'break the server': ['The server did not break', 'The server broke, as you asked'],
  'go home': ['Went home', 'Going home failed'],
}

export const wordsOf = ({ name, failed, userName }: Pick<PastAction, 'name' | 'failed' | 'userName'>): string => {
  // A span is named after its event and its act: `click like`.
  const [event = '', act = name] = /^(\S+) (.*)/.exec(name)?.slice(1) ?? []
  if (event === 'navigate') return failed ? 'Opening the page failed' : 'Page opened'
  if (act === 'act as') return failed ? 'Switching failed' : userName ? `Now acting as ${userName}` : 'Signed in'
  const words = wordsByAct[act as Act]?.[failed ? 1 : 0]
  return words ?? `${act.charAt(0).toUpperCase()}${act.slice(1)}${failed ? ' failed' : ''}`
}

export const milliseconds = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1_000).toFixed(1)}\u00a0s`

/** Where the time went, rounded so that the parts add up to the rounded whole. */
export const splitOf = ({ durationMs, times }: Pick<PastAction, 'durationMs' | 'times'>): string | null => {
  if (!times) return null
  const away = Math.round(times.networkMs + times.serverMs)
  const server = Math.min(Math.round(times.serverMs), away)
  return `network ${away - server} · server ${server} · page ${Math.round(durationMs) - away}`
}
