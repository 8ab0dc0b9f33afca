import type { Activity, Reply } from '@cruddur/shared/activities'
import type { LiveEvent } from '@cruddur/shared/live'
import { type InfiniteData, type Query, type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useCallback, useSyncExternalStore } from 'react'
import { queryKeys } from '../../api/query-keys.ts'
import { serverNow } from '../../api/server-clock.ts'
import {
  activitiesIn,
  changedPage,
  type Page,
  withLastReply,
  withNewest,
  withNewReply,
  withoutRepost,
} from './activity-pages.ts'
import { NewActivities } from './new-activities.ts'
import { type Change, RecentChanges } from './recent-changes.ts'

type Lists = InfiniteData<Page, string | null>
type Memory = { changes: RecentChanges; news: NewActivities }

const memories = new WeakMap<QueryClient, Memory>()

const memoryOf = (queries: QueryClient): Memory => {
  const memory = memories.get(queries) ?? { changes: new RecentChanges(), news: new NewActivities() }
  memories.set(queries, memory)
  return memory
}

const listsBelow = (queries: QueryClient, queryKey: readonly unknown[]): Query[] =>
  queries.getQueryCache().findAll({ queryKey })

const pagesOf = (query: Query): readonly Page[] => (query.state.data as Lists | undefined)?.pages ?? []

/** Only the data changes: a list that could not be read again, or is old, remains that. */
const setPages = (query: Query, pages: readonly Page[]): void => {
  const data = query.state.data as Lists | undefined
  if (data && pages.some((page, index) => page !== data.pages[index])) query.setState({ data: { ...data, pages } })
}

const changeAll = (queries: QueryClient, change: <Shown extends Reply>(activity: Shown) => Shown): void => {
  for (const query of listsBelow(queries, queryKeys.activities)) {
    setPages(
      query,
      pagesOf(query).map((page) => changedPage(page, change)),
    )
  }
}

/** A page as it came, with what became known since it was asked for. */
export const withWhatIsKnown = <Any extends Page>(queries: QueryClient, page: Any, askedAt: number): Any => {
  const { changes, news } = memoryOf(queries)
  for (const { uuid } of activitiesIn(page)) news.forget(uuid)
  return changedPage(page, (activity) => changes.apply(activity, askedAt))
}

/** Something about an activity became known: every list and page shows it. */
export const patchActivity = (queries: QueryClient, uuid: string, change: Change): void => {
  memoryOf(queries).changes.note(uuid, change)
  changeAll(queries, (activity) => (activity.uuid === uuid ? { ...activity, ...change } : activity))
}

/** It was deleted: it leaves every list and page as if it had expired, and its replies with it. */
export const removeActivity = (queries: QueryClient, uuid: string): void => {
  const { changes, news } = memoryOf(queries)
  const expires_at = new Date(serverNow()).toISOString()
  changes.noteGone(uuid, expires_at)
  news.forget(uuid)
  changeAll(queries, (activity) =>
    (activity.uuid === uuid || activity.reply_to_activity_uuid === uuid) && activity.expires_at > expires_at
      ? { ...activity, expires_at }
      : activity,
  )
}

/** Whatever was read of it last, wherever that stands. */
export const knownActivity = (queries: QueryClient, uuid: string): Activity | Reply | undefined => {
  for (const query of listsBelow(queries, queryKeys.activities)) {
    for (const page of pagesOf(query)) {
      const known = activitiesIn(page).find((activity) => activity.uuid === uuid)
      if (known) return known
    }
  }
  return undefined
}

/**
 * One reply more, or one less, than a count that may have been put right meanwhile: only what still says what it said before
 * is changed.
 */
export const countReply = (queries: QueryClient, uuid: string, before: number | undefined, more: 1 | -1): void => {
  if (before === undefined) return
  const replies_count = Math.max(0, before + more)
  changeAll(queries, (activity) =>
    activity.uuid === uuid && activity.replies_count === before ? { ...activity, replies_count } : activity,
  )
}

/** One's own, just written: at once in every list that it belongs into. */
export const addActivity = (queries: QueryClient, activity: Activity): void => {
  memoryOf(queries).news.forget(activity.uuid)
  const parent = activity.reply_to_activity_uuid
  const tops = parent
    ? [queryKeys.userFeed(activity.handle)]
    : [queryKeys.homeFeed('everyone'), queryKeys.homeFeed('following'), queryKeys.userFeed(activity.handle)]
  for (const query of tops.flatMap((key) => listsBelow(queries, key))) {
    setPages(query, withNewest(pagesOf(query), activity))
  }
  if (!parent) return
  for (const query of listsBelow(queries, queryKeys.activity(parent))) {
    setPages(query, withLastReply(pagesOf(query), activity))
  }
  changeAll(queries, (shown) => withNewReply(shown, activity))
}

/** `handle` has taken a repost back. */
export const takeRepostOut = (queries: QueryClient, uuid: string, handle: string): void => {
  for (const query of [
    ...listsBelow(queries, queryKeys.homeFeed('following')),
    ...listsBelow(queries, queryKeys.userFeed(handle)),
  ]) {
    setPages(
      query,
      pagesOf(query).map((page) => withoutRepost(page, uuid, handle)),
    )
  }
}

/** What is written here comes with the answer; the same news, quicker by another way, waits for it. */
const answerComesFirstMs = 2_000

const isShown = (queries: QueryClient, key: readonly unknown[], uuid: string): boolean =>
  listsBelow(queries, key).some((query) =>
    pagesOf(query)
      .flatMap(activitiesIn)
      .some((activity) => activity.uuid === uuid),
  )

const isRead = (queries: QueryClient, key: readonly unknown[]): boolean => queries.getQueryData(key) !== undefined

type NewActivity = Omit<Extract<LiveEvent, { kind: 'activity' }>, 'kind'>
type Read = (key: readonly string[]) => void

const note = (
  queries: QueryClient,
  { uuid, handle, reply_to_activity_uuid: parent, following, mine }: NewActivity,
  read: Read,
) => {
  const { news } = memoryOf(queries)
  const lists = [
    ...(parent ? [] : ['everyone' as const]),
    ...(!parent && (following || mine) ? ['following' as const] : []),
  ]
  for (const feed of lists) {
    const key = queryKeys.homeFeed(feed)
    if (isRead(queries, key) && !isShown(queries, key, uuid)) news.note(feed, uuid)
  }
  const ofAuthor = queryKeys.userFeed(handle)
  if (isRead(queries, ofAuthor) && !isShown(queries, ofAuthor, uuid)) news.note(`@${handle}`, uuid)
  if (parent && isRead(queries, queryKeys.activity(parent)) && !isShown(queries, queryKeys.activity(parent), uuid)) {
    read(queryKeys.activity(parent))
  }
}

/**
 * Somebody wrote something, or oneself elsewhere: it is counted above the lists, and moves nothing that is being read.
 * `read` is asked for the page that lacks a reply.
 */
export const noteNewActivity = (queries: QueryClient, event: NewActivity, read: Read): void => {
  if (event.mine) setTimeout(() => note(queries, event, read), answerComesFirstMs)
  else note(queries, event, read)
}

/** The beginning of a list was read anew. */
export const nothingNewIn = (queries: QueryClient, list: string, askedAt: number): void =>
  memoryOf(queries).news.clear(list, askedAt)

export const newCount = (queries: QueryClient, list: string): number => memoryOf(queries).news.count(list)

export const useNewCount = (list: string): number => {
  const queries = useQueryClient()
  return useSyncExternalStore(
    memoryOf(queries).news.listen,
    useCallback(() => newCount(queries, list), [queries, list]),
  )
}

/** Forgets all but a list's first page. */
export const keepBeginning = (queries: QueryClient, queryKey: readonly unknown[]): void => {
  for (const query of queries.getQueryCache().findAll({ queryKey, exact: true })) {
    const data = query.state.data as Lists | undefined
    if (data && data.pages.length > 1)
      query.setState({ data: { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } })
  }
}
