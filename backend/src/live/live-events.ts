import type { LiveEvent } from '@cruddur/shared/live'
import type { LiveNote } from '../live-note.ts'
import type { Listener } from './listeners.ts'
import { selectFollowersAmong } from './live.queries.ts'

export const concerns = (note: LiveNote, { user, session }: Listener): boolean => {
  switch (note.kind) {
    case 'message':
      return user === note.by || user === note.to
    case 'message-read':
    case 'notifications':
      return user === note.user_uuid
    case 'sessions-ended':
      return session !== null && note.session_uuids.includes(session)
    default:
      return true
  }
}

type Event = (listener: Listener) => LiveEvent

/** Makes the event that a listener gets for the note. */
export const eventsOf = async (note: LiveNote, listeners: readonly Listener[]): Promise<Event> => {
  const followers = note.kind === 'activity' ? await followersOf(note.user_uuid, listeners) : new Set<string>()
  return ({ user }) => ({ ...eventFor(note, user, followers), cause: note.cause })
}

const followersOf = async (author: string, listeners: readonly Listener[]): Promise<ReadonlySet<string>> => {
  const others = new Set(listeners.flatMap(({ user }) => (user === null || user === author ? [] : [user])))
  const rows = others.size === 0 ? [] : await selectFollowersAmong(author, [...others])
  return new Set(rows.map(({ uuid }) => uuid))
}

const eventFor = (note: LiveNote, user: string | null, followers: ReadonlySet<string>): LiveEvent => {
  const { kind } = note
  switch (kind) {
    case 'activity': {
      const { uuid, handle, reply_to_activity_uuid } = note
      const mine = user === note.user_uuid
      // Replies are in no feed.
      const following = reply_to_activity_uuid === null && (mine || (user !== null && followers.has(user)))
      return { kind, uuid, handle, reply_to_activity_uuid, following, mine }
    }
    case 'counts': {
      const { uuid, likes_count, replies_count, reposts_count } = note
      const { liked, reposted } = user !== null && user === note.by ? note : { liked: null, reposted: null }
      return { kind, uuid, likes_count, replies_count, reposts_count, liked, reposted }
    }
    case 'message':
      return { kind, message_group_uuid: note.message_group_uuid, mine: user === note.by }
    case 'message-read':
      return { kind, message_group_uuid: note.message_group_uuid }
    case 'notifications':
      return { kind }
    case 'gone':
      return { kind, uuid: note.uuid }
    case 'profile':
      return { kind, handle: note.handle }
    case 'followers': {
      const { handle, followers_count, by, followed } = note
      return { kind, handle, followers_count, followed: user === by ? followed : null }
    }
    case 'sessions-ended':
      return { kind: 'signed-out' }
  }
}
