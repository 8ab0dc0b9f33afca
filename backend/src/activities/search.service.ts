import type { Activity, Found, Trends } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf, type PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { decodePosition, newest, type Position } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { pageOf, toActivity, withReplies, writtenAt } from './activities.service.ts'
import {
  type MatchRow,
  selectByAuthor,
  selectByHashtag,
  selectMatches,
  selectPeople,
  selectSample,
  selectTrends,
} from './search.queries.ts'
import { decodeSearchPosition, encodeSearchPosition, type SearchPosition } from './search-cursor.ts'
import { type Window, windowsFrom } from './search-window.ts'

const peopleShown = 5
const trendsShown = 10
const trendsAmong = 2_000
const windowsAtOnce = 2

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
    const found = tag
      ? newestOf(selectByHashtag, user, tag.toLowerCase(), request)
      : handle
        ? newestOf(selectByAuthor, user, handle.toLowerCase(), request)
        : bestOf(user, term, request.limit, searchPositionOf(request.after))
    const isAboutPeople = !tag && request.after === undefined
    const [{ activities, next_cursor }, people] = await Promise.all([
      found,
      isAboutPeople ? selectPeople((handle ?? term).toLowerCase(), peopleShown) : [],
    ])
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

/**
 * Ranks are compared within a window of the newest that match, and the windows follow one another until a page is full.
 * A phrase that few have, of words that many have, may need more of them than one page has patience for.
 */
const bestOf = async (
  user: string | null,
  term: string,
  limit: number,
  { from, read }: SearchPosition,
  patience = windowsAtOnce,
): Promise<Page> => {
  const select = (window: Window) => selectMatches(user, limit + 1, term, window, read)
  const window = read ? { from, until: read.until, isLast: false } : null
  const opened = window
    ? { window, rows: await select(window), isPhrase: false }
    : await openWindow(term, from, limit, select)
  if (!opened) return { activities: [], next_cursor: null }
  const page = opened.rows.slice(0, limit)
  const activities = page.map((row) => toActivity(row))
  const last = page.at(-1)
  const until = read?.until ?? endOf(last) ?? opened.window.until
  if (last && opened.rows.length > limit) {
    const next = { from: opened.window.from, read: { until, rank: last.rank, last: writtenAt(last) } }
    return { activities, next_cursor: encodeSearchPosition(next) }
  }
  if (opened.window.isLast) return { activities, next_cursor: null }
  const next: SearchPosition = { from: until, read: null }
  if (patience === 1 || (opened.isPhrase && isHalf(page, limit)))
    return { activities, next_cursor: encodeSearchPosition(next) }
  const rest = await bestOf(user, term, Math.max(1, limit - page.length), next, patience - 1)
  if (page.length < limit) return { activities: [...activities, ...rest.activities], next_cursor: rest.next_cursor }
  const isEnd = rest.activities.length === 0 && rest.next_cursor === null
  return { activities, next_cursor: isEnd ? null : encodeSearchPosition(next) }
}

const isHalf = (rows: readonly MatchRow[], limit: number): boolean => rows.length >= limit / 2

type Opened = { window: Window; rows: MatchRow[]; isPhrase: boolean }

/** The first window that has more than a page, of a phrase half of one, else the last one. What is written from now on is in none: so no window moves while somebody reads on. */
const openWindow = async (
  term: string,
  from: Position,
  limit: number,
  select: (window: Window) => Promise<MatchRow[]>,
): Promise<Opened | null> => {
  const [sample] = await selectSample(term, from)
  if (!sample) return null
  const newestAt = sample.newest_at.toISOString()
  const begin = from.at <= newestAt ? from : { ...newest, at: newestAt }
  const isPhrase = sample.is_phrase
  let opened: Opened | null = null
  for (const window of windowsFrom(begin, sample)) {
    opened = { window, rows: await select(window), isPhrase }
    if (isPhrase ? isHalf(opened.rows, limit) : opened.rows.length > limit) break
  }
  return opened
}

/** Where the window had to end earlier, for more match than are ranked together. */
const endOf = (row: MatchRow | undefined): Position | null =>
  row?.window_ends_at && row.window_ends_with
    ? { at: row.window_ends_at.toISOString(), uuid: row.window_ends_with }
    : null
