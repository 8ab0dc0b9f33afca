import type { OwnAction, PageAct } from '@cruddur/shared/telemetry'
import type { Action } from '../telemetry/index.ts'

type Words = { done: string; failed: string }

type Act = PageAct | ActOf<OwnAction>
type ActOf<Name> = Name extends `${string} ${infer Act}` ? Act : never

const wordsByAct: Record<Act, Words> = {
  account: { done: 'Account opened', failed: 'Opening the account failed' },
  actions: { done: 'Actions opened', failed: 'Opening the actions failed' },
  'ask delete': { done: 'Asked whether to delete', failed: 'Asking failed' },
  'ask sign out elsewhere': { done: 'Asked whether to sign out elsewhere', failed: 'Asking failed' },
  'break a promise': { done: 'A promise broken', failed: 'A promise broken, as it was asked to' },
  'break this page': { done: 'The page broken', failed: 'The page broken, as it was asked to' },
  cancel: { done: 'Cancelled', failed: 'Cancelling failed' },
  choose: { done: 'Choice opened', failed: 'Opening the choice failed' },
  'choose expiry': { done: 'Time to live chosen', failed: 'Choosing failed' },
  'close dialog': { done: 'Closed', failed: 'Closing failed' },
  compose: { done: 'Composer opened', failed: 'Opening the composer failed' },
  'copy reference': { done: 'Reference copied', failed: 'Copying the reference failed' },
  discard: { done: 'Discarded', failed: 'Discarding failed' },
  'discard message': { done: 'Discarded', failed: 'Discarding failed' },
  dismiss: { done: 'Dismissed', failed: 'Dismissing failed' },
  edit: { done: 'Back to the composer', failed: 'Going back to the composer failed' },
  'edit profile': { done: 'Profile editor opened', failed: 'Opening the profile editor failed' },
  'go to sign in': { done: 'Sign-in opened', failed: 'Opening the sign-in failed' },
  'go to sign up': { done: 'Sign-up opened', failed: 'Opening the sign-up failed' },
  'have account': { done: 'Sign-in opened', failed: 'Opening the sign-in failed' },
  'make account': { done: 'Sign-up opened', failed: 'Opening the sign-up failed' },
  'new message': { done: 'Newest message shown', failed: 'Showing the newest message failed' },
  'open link': { done: 'Link opened', failed: 'Opening the link failed' },
  reply: { done: 'Reply begun', failed: 'Beginning the reply failed' },
  'see the trace': { done: 'Trace opened', failed: 'Opening the trace failed' },
  'show password': { done: 'Password shown', failed: 'Showing the password failed' },
  signals: { done: 'Signals opened', failed: 'Opening the signals failed' },
  skip: { done: 'Went to the content', failed: 'Going to the content failed' },
  theme: { done: 'Theme changed', failed: 'Changing the theme failed' },
  like: { done: 'Liked', failed: 'Like failed' },
  unlike: { done: 'Like taken back', failed: 'Taking the like back failed' },
  'load more': { done: 'More loaded', failed: 'Loading more failed' },
  post: { done: 'Crud posted', failed: 'Posting failed' },
  'send reply': { done: 'Replied', failed: 'Replying failed' },
  repost: { done: 'Reposted', failed: 'Reposting failed' },
  'undo repost': { done: 'Repost taken back', failed: 'Taking the repost back failed' },
  delete: { done: 'Deleted', failed: 'Deleting failed' },
  share: { done: 'Shared', failed: 'Sharing failed' },
  'show all replies': { done: 'Replies opened', failed: 'Opening the replies failed' },
  'try now': { done: 'Sent again', failed: 'Sending again failed' },
  'send waiting': { done: 'Sent what waited', failed: 'Sending what waited failed' },
  'try message again': { done: 'Sent again', failed: 'Sending again failed' },
  'retry suggested': { done: 'Tried again', failed: 'Tried again, in vain' },
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
  sessions: { done: 'Sessions opened', failed: 'Opening sessions failed' },
  settings: { done: 'Settings opened', failed: 'Opening the settings failed' },
  'change password': { done: 'Password changed', failed: 'Changing the password failed' },
  'export account': { done: 'Data downloaded', failed: 'Downloading the data failed' },
  'ask erase account': { done: 'Asked whether to erase the account', failed: 'Asking failed' },
  'erase account': { done: 'Account erased', failed: 'Erasing the account failed' },
  'sign out there': { done: 'Signed out there', failed: 'Signing out there failed' },
  'sign out elsewhere': { done: 'Signed out elsewhere', failed: 'Signing out elsewhere failed' },
  back: { done: 'Went back', failed: 'Going back failed' },
  retry: { done: 'Tried again', failed: 'Tried again, in vain' },
  home: { done: 'Feed refreshed', failed: 'Refreshing failed' },
  'break the server': { done: 'The server did not break', failed: 'The server broke, as it was asked to' },
  'go home': { done: 'Went home', failed: 'Going home failed' },
}

/** A span's name is its event and what was acted on: `click like`. */
const actedOn = (name: string): string => name.replace(/^\S+ /, '')

const isAct = (name: string): name is Act => Object.hasOwn(wordsByAct, name)

export const wordsOf = ({ name, failed }: Pick<Action, 'name' | 'failed'>): string => {
  if (name.startsWith('navigate')) return failed ? 'Opening the page failed' : 'Page opened'
  const act = actedOn(name)
  if (isAct(act)) return wordsByAct[act][failed ? 'failed' : 'done']
  return `${act.charAt(0).toUpperCase()}${act.slice(1)}${failed ? ' failed' : ''}`
}

export const milliseconds = (ms: number): string =>
  ms < 10_000 ? `${Math.round(ms)}\u00a0ms` : `${(ms / 1_000).toFixed(1)}\u00a0s`

/** Where the time went, as far as the answers told: rounded so that the parts add up to the rounded whole. */
export const splitOf = ({ durationMs, times }: Pick<Action, 'durationMs' | 'times'>): string | null => {
  if (!times) return null
  const away = Math.round(times.networkMs + times.serverMs)
  const server = Math.min(Math.round(times.serverMs), away)
  return `network ${away - server} · server ${server} · page ${Math.round(durationMs) - away}`
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
