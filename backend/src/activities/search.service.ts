import type { Activity, Found, Trends } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf, type PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { decodePosition, newest } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { pageOf, toActivity, withReplies, writtenAt } from './activities.service.ts'
import {
  type MatchRow,
  selectByAuthor,
  selectByHashtag,
  selectMatches,
  selectPeople,
  selectTrends,
} from './search.queries.ts'
import { decodeSearchPosition, encodeSearchPosition, type SearchPosition } from './search-cursor.ts'

const peopleShown = 5
const trendsShown = 10
const trendsAmong = 2_000

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

const searchPositionOf = (after: string | undefined): SearchPosition =>
  after === undefined ? { from: null, until: null, last: null } : decodeSearchPosition(after)

/** Ranks are compared within a window of the newest that match, and the windows follow one another. */
const bestOf = async (user: string | null, term: string, limit: number, position: SearchPosition): Promise<Page> => {
  const rows = await selectMatches(user, limit + 1, term, position)
  const page = rows.slice(0, limit)
  const next = positionAfter(page, rows.length > limit, position)
  // The rest of a window may have expired since: that is not the end.
  if (page.length === 0 && next) return bestOf(user, term, limit, next)
  return { activities: page.map((row) => toActivity(row)), next_cursor: next && encodeSearchPosition(next) }
}

const positionAfter = (page: MatchRow[], isMore: boolean, position: SearchPosition): SearchPosition | null => {
  const last = page.at(-1)
  const until = position.until ?? windowEnd(last)
  if (isMore && last) return { ...position, until, last: { rank: last.rank, ...writtenAt(last) } }
  return until && { from: until, until: null, last: null }
}

const windowEnd = (row: MatchRow | undefined) =>
  row?.window_ends_at && row.window_ends_with
    ? { at: row.window_ends_at.toISOString(), uuid: row.window_ends_with }
    : null
