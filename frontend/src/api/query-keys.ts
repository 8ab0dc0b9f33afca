import type { FeedName } from '@cruddur/shared/activities'

/** Every key of the query cache. A shorter key stands for all the keys that begin with it. */
export const queryKeys = {
  session: ['session'],
  sessions: ['sessions'],

  activities: ['activities'],
  homeFeeds: ['activities', 'home'],
  homeFeed: (feed: FeedName) => ['activities', 'home', feed],
  /** The profile and its activities are one answer. */
  userFeed: (handle: string) => ['activities', 'user', handle],
  activity: (uuid: string) => ['activities', 'show', uuid],
  search: (term: string) => ['activities', 'search', term],
  trends: ['trends'],

  users: ['users'],
  suggestedUsers: ['users', 'suggested'],

  notifications: ['notifications'],
  unread: ['unread'],

  messages: ['messages'],
  messageGroups: ['messages', 'groups'],
  thread: (uuid: string) => ['messages', 'thread', uuid],
  conversationWith: (handle: string) => ['messages', 'with', handle],

  health: ['health'],
  code: (file: string) => ['code', file],
  traceLink: ['trace-link'],
} as const

export const mutationKeys = {
  like: (uuid: string) => ['like', uuid],
  repost: (uuid: string) => ['repost', uuid],
  follow: (handle: string) => ['follow', handle],
} as const
