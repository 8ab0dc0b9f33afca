import type { Found, Trends } from '@cruddur/shared/activities'
import { attr, spanName } from '@cruddur/shared/telemetry'
import { lengthOf, type PageRequest } from '@cruddur/shared/text'
import type { UserShort } from '@cruddur/shared/users'
import { pageOf, positionOf } from '../cursor.ts'
import { annotate, traced } from '../telemetry/index.ts'
import { toActivity, withReplies } from './activities.service.ts'
import { selectByAuthor, selectByHashtag, selectByWords, selectPeople, selectTrends } from './search.queries.ts'

const peopleShown = 5
const trendsShown = 10
const trendsAmong = 2_000

export const search = traced(
  spanName.activitySearch,
  async (asker: UserShort | null, { term, after, limit }: PageRequest & { term: string }): Promise<Found> => {
    const user = asker?.uuid ?? null
    const { kind, select, sought } = parse(term)
    annotate({ [attr.searchTermLength]: lengthOf(term), [attr.searchKind]: kind })
    const [rows, people] = await Promise.all([
      select(user, limit + 1, sought, positionOf(after)),
      kind === 'hashtag' || after !== undefined ? [] : selectPeople(sought.toLowerCase(), peopleShown),
    ])
    const page = pageOf(rows, limit)
    annotate({ [attr.resultLength]: page.rows.length })
    const activities = await withReplies(
      user,
      page.rows.map((row) => toActivity(row)),
    )
    return { people, activities, next_cursor: page.next_cursor }
  },
)

const parse = (term: string) => {
  const [, tag] = /^#([^\s#]+)$/.exec(term) ?? []
  if (tag) return { kind: 'hashtag', select: selectByHashtag, sought: tag.toLowerCase() }
  const [, handle] = /^@(\w{1,30})$/.exec(term) ?? []
  if (handle) return { kind: 'handle', select: selectByAuthor, sought: handle.toLowerCase() }
  return { kind: 'words', select: selectByWords, sought: term }
}

export const listTrends = traced(spanName.trends, async (): Promise<Trends> => {
  const trends = await selectTrends(trendsAmong, trendsShown)
  annotate({ [attr.resultLength]: trends.length })
  return { trends }
})
