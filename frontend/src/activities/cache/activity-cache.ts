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

const listsUnder = (queries: QueryClient, queryKey: readonly unknown[]): Query[] =>
  queries.getQueryCache().findAll({ queryKey })

const pagesOf = (query: Query): readonly Page[] => (query.state.data as Lists | undefined)?.pages ?? []

/** Changes only the data: a stale or failed list stays stale or failed. */
const setPages = (query: Query, pages: readonly Page[]): void => {
  const data = query.state.data as Lists | undefined
  if (data && pages.some((page, index) => page !== data.pages[index])) query.setState({ data: { ...data, pages } })
}

const changeAll = (queries: QueryClient, change: <Shown extends Reply>(activity: Shown) => Shown): void => {
  for (const query of listsUnder(queries, queryKeys.activities)) {
    setPages(
      query,
      pagesOf(query).map((page) => changedPage(page, change)),
    )
  }
}

/** Adds the changes that happened after the page was requested. */
export const withRecentChanges = <Any extends Page>(queries: QueryClient, page: Any, askedAt: number): Any => {
  const { changes, news } = memoryOf(queries)
  for (const { uuid } of activitiesIn(page)) news.forget(uuid)
  return changedPage(page, (activity) => changes.apply(activity, askedAt))
}

/** Shows a change in every list and page. */
export const patchActivity = (queries: QueryClient, uuid: string, change: Change): void => {
  memoryOf(queries).changes.note(uuid, change)
  changeAll(queries, (activity) => (activity.uuid === uuid ? { ...activity, ...change } : activity))
}

/** A deleted activity and its replies leave every list in the same way as expired ones. */
export const removeActivity = (queries: QueryClient, uuid: string): void => {
  const { changes, news } = memoryOf(queries)
  const expires_at = new Date(serverNow()).toISOString()
  changes.noteDeleted(uuid, expires_at)
  news.forget(uuid)
  changeAll(queries, (activity) =>
    (activity.uuid === uuid || activity.reply_to_activity_uuid === uuid) && activity.expires_at > expires_at
      ? { ...activity, expires_at }
      : activity,
  )
}

export const knownActivity = (queries: QueryClient, uuid: string): Activity | Reply | undefined => {
  for (const query of listsUnder(queries, queryKeys.activities)) {
    for (const page of pagesOf(query)) {
      const known = activitiesIn(page).find((activity) => activity.uuid === uuid)
      if (known) return known
    }
  }
  return undefined
}

/** Puts a new activity of the user into every list that it belongs to. */
export const addActivity = (queries: QueryClient, activity: Activity): void => {
  memoryOf(queries).news.forget(activity.uuid)
  const parent = activity.reply_to_activity_uuid
  const tops = parent
    ? [queryKeys.userFeed(activity.handle)]
    : [queryKeys.homeFeed('everyone'), queryKeys.homeFeed('following'), queryKeys.userFeed(activity.handle)]
  for (const query of tops.flatMap((key) => listsUnder(queries, key))) {
    setPages(query, withNewest(pagesOf(query), activity))
  }
  if (!parent) return
  for (const query of listsUnder(queries, queryKeys.activity(parent))) {
    setPages(query, withLastReply(pagesOf(query), activity))
  }
  changeAll(queries, (shown) => withNewReply(shown, activity))
}

/** The user with this handle has undone a repost. */
export const takeRepostOut = (queries: QueryClient, uuid: string, handle: string): void => {
  for (const query of [
    ...listsUnder(queries, queryKeys.homeFeed('following')),
    ...listsUnder(queries, queryKeys.userFeed(handle)),
  ]) {
    setPages(
      query,
      pagesOf(query).map((page) => withoutRepost(page, uuid, handle)),
    )
  }
}

/** The answer to the request adds the user's own text in this tab, so the live event waits for that answer. */
const waitForAnswerMs = 2_000

const isShown = (queries: QueryClient, key: readonly unknown[], uuid: string): boolean =>
  listsUnder(queries, key).some((query) =>
    pagesOf(query)
      .flatMap(activitiesIn)
      .some((activity) => activity.uuid === uuid),
  )

const isLoaded = (queries: QueryClient, key: readonly unknown[]): boolean => queries.getQueryData(key) !== undefined

type NewActivity = Omit<Extract<LiveEvent, { kind: 'activity' }>, 'kind'>
type Refetch = (key: readonly string[]) => void

const note = (
  queries: QueryClient,
  { uuid, handle, reply_to_activity_uuid: parent, following, mine }: NewActivity,
  refetch: Refetch,
) => {
  const { news } = memoryOf(queries)
  const lists = [
    ...(parent ? [] : ['everyone' as const]),
    ...(!parent && (following || mine) ? ['following' as const] : []),
  ]
  for (const feed of lists) {
    const key = queryKeys.homeFeed(feed)
    if (isLoaded(queries, key) && !isShown(queries, key, uuid)) news.note(feed, uuid)
  }
  const ofAuthor = queryKeys.userFeed(handle)
  if (isLoaded(queries, ofAuthor) && !isShown(queries, ofAuthor, uuid)) news.note(`@${handle}`, uuid)
  if (parent && isLoaded(queries, queryKeys.activity(parent)) && !isShown(queries, queryKeys.activity(parent), uuid)) {
    refetch(queryKeys.activity(parent))
  }
}

/**
 * Counts an activity that someone else wrote, or that the user wrote in another tab. Lists do not move. A reply
 * refetches the page of its activity.
 */
export const noteNewActivity = (queries: QueryClient, event: NewActivity, refetch: Refetch): void => {
  if (event.mine) setTimeout(() => note(queries, event, refetch), waitForAnswerMs)
  else note(queries, event, refetch)
}

/** The first page of a list was fetched. */
export const clearNew = (queries: QueryClient, list: string, askedAt: number): void =>
  memoryOf(queries).news.clear(list, askedAt)

export const newCount = (queries: QueryClient, list: string): number => memoryOf(queries).news.count(list)

export const useNewCount = (list: string): number => {
  const queries = useQueryClient()
  return useSyncExternalStore(
    memoryOf(queries).news.listen,
    useCallback(() => newCount(queries, list), [queries, list]),
  )
}

export const keepFirstPage = (queries: QueryClient, queryKey: readonly unknown[]): void => {
  for (const query of queries.getQueryCache().findAll({ queryKey, exact: true })) {
    const data = query.state.data as Lists | undefined
    if (data && data.pages.length > 1)
      query.setState({ data: { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) } })
  }
}
