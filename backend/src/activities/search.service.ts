import type { Activity, Found, Trends } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf, type PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { decodePosition, newest, type Position } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { pageOf, toActivity, withReplies, writtenAt } from './activities.service.ts'
import {
  isCommon,
  type MatchRow,
  selectByAuthor,
  selectByHashtag,
  selectDensity,
  selectMatches,
  selectPeople,
  selectReach,
  selectTrends,
  type Window,
} from './search.queries.ts'
import { decodeSearchPosition, encodeSearchPosition, type SearchPosition } from './search-cursor.ts'

const peopleShown = 5
const trendsShown = 10
const trendsAmong = 2_000
const windowsAtOnce = 3

type Page = { activities: Activity[]; next_cursor: string | null }

export const search = traced(
  spanName.activitySearch,
  async (asker: UserShort | null, { term, ...request }: PageRequest & { term: string }): Promise<Found> => {
    const user = asker?.uuid ?? null
    const [, tag] = /^#([^\s#]+)$/.exec(term) ?? []
    const [, handle] = /^@(\w{1,30})$/.exec(term) ?? []
    annotate({
      [attr.searchTermLength]: lengthOf(term),
      [attr.searchKind]: tag ? 'hashtag' : handle ? 'handle' : 'words',
    })
    const { activities, next_cursor } = tag
      ? await newestOf(selectByHashtag, user, tag.toLowerCase(), request)
      : handle
        ? await newestOf(selectByAuthor, user, handle.toLowerCase(), request)
        : await bestOf(user, term, request.limit, searchPositionOf(request.after))
    const people =
      tag || request.after !== undefined ? [] : await selectPeople((handle ?? term).toLowerCase(), peopleShown)
    annotate({ [attr.resultLength]: activities.length })
    return { people, activities: await withReplies(user, activities), next_cursor }
  },
)

export const listTrends = traced(spanName.trends, async (): Promise<Trends> => {
  const trends = await selectTrends(trendsAmong, trendsShown)
  annotate({ [attr.resultLength]: trends.length })
  return { trends }
})

const searchPositionOf = (after: string | undefined): SearchPosition =>
  after === undefined ? { from: newest, read: null } : decodeSearchPosition(after)

const newestOf = async (
  select: typeof selectByHashtag,
  user: string | null,
  name: string,
  { after, limit }: PageRequest,
): Promise<Page> => {
  const position = after === undefined ? newest : decodePosition(after)
  const { rows, next_cursor } = pageOf(await select(user, limit + 1, name, position), limit, writtenAt)
  return { activities: rows.map((row) => toActivity(row)), next_cursor }
}

/** Ranks are compared within a window of the newest that match, and the windows follow one another. */
const bestOf = async (
  user: string | null,
  term: string,
  limit: number,
  { from, read }: SearchPosition,
  patience = windowsAtOnce,
): Promise<Page> => {
  const window = read ? { from, ...read } : await openWindow(term, from)
  const rows = await selectMatches(user, limit + 1, term, window, read)
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const until = window.until ?? (await endOf(window, last))
  const next: SearchPosition | null =
    last && rows.length > limit
      ? { from: window.from, read: { until, isCommon: window.isCommon, rank: last.rank, last: writtenAt(last) } }
      : until && { from: until, read: null }
  // The rest of a window may have expired since, or have all the words but not beside each other: that is not the end.
  if (!last && next && patience > 1) return bestOf(user, term, limit, next, patience - 1)
  return { activities: page.map((row) => toActivity(row)), next_cursor: next && encodeSearchPosition(next) }
}

/** What is written from now on is in no window: so no window moves while somebody reads on. */
const openWindow = async (term: string, from: Position): Promise<Window> => {
  const [density] = await selectDensity(term, from)
  if (!density?.newest_at) return { from, until: null, isCommon: true }
  const start = from.at === newest.at ? { ...newest, at: density.newest_at.toISOString() } : from
  return { from: start, until: null, isCommon: isCommon(density) }
}

const endOf = async ({ from, isCommon }: Window, row: MatchRow | undefined): Promise<Position | null> => {
  if (row?.window_ends_at && row.window_ends_with)
    return { at: row.window_ends_at.toISOString(), uuid: row.window_ends_with }
  const [end] = isCommon ? await selectReach(from) : []
  return end ? { at: end.created_at.toISOString(), uuid: end.uuid } : null
}
