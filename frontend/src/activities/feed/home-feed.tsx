import { type FeedName, homeFeed } from '@cruddur/shared/activities'
import type { PageRequest } from '@cruddur/shared/text'
import type { QueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { Empty } from '../../ui/empty.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import { useUnsent } from '../../writing/outbox-provider.tsx'
import { activitiesIn } from '../cache/activity-pages.ts'
import { UnsentCard } from '../write/unsent-card.tsx'
import { FeedList } from './feed-list.tsx'
import { activityPages, useActivityPages, useIsLoading } from './use-activity-pages.ts'

type Props = {
  feed: FeedName
  /** Shown to a user who follows no other user. */
  suggestions?: ReactNode
}

const pagesOf = (name: FeedName) => ({
  queryKey: queryKeys.homeFeed(name),
  list: name,
  read: (after: Pick<PageRequest, 'after'>, signal: AbortSignal) =>
    call(homeFeed, { feed: name, ...after }, { signal }),
})

export const prefetchHomeFeed = (queries: QueryClient): Promise<void> =>
  queries.prefetchInfiniteQuery(activityPages(queries, pagesOf('everyone')))

export const HomeFeed = ({ feed: name, suggestions }: Props) => {
  const options = pagesOf(name)
  const feed = useActivityPages(options)
  const isLoading = useIsLoading(feed)

  if (isLoading) return <Skeleton shape="card" count={4} label="Loading the feed" />
  if (!feed.data) {
    return (
      <>
        <UnsentCards shown={[]} />
        <Trouble {...troubleOf('the feed', feed)} />
      </>
    )
  }
  return (
    <FeedList
      feed={feed}
      queryKey={options.queryKey}
      what="the feed"
      label={name === 'following' ? 'Cruds from people you follow, newest first' : 'Cruds, newest first'}
      list={name}
      top={<UnsentCards shown={feed.data.pages.flatMap(activitiesIn).map(({ uuid }) => uuid)} />}
      empty={name === 'following' ? <FollowsNobody suggestions={suggestions} /> : <AllExpired />}
    />
  )
}

/** An unsent reply is shown below its activity. If the feed does not have that activity, the reply is shown here. */
const UnsentCards = ({ shown }: { shown: readonly string[] }) => {
  const unsent = useUnsent().filter(
    ({ target }) => target.kind === 'crud' || (target.kind === 'reply' && !shown.includes(target.uuid)),
  )
  if (unsent.length === 0) return null
  return (
    <ol className="feed unsent-list" aria-label="Not sent yet">
      {unsent.toReversed().map((one) => (
        <li key={one.key}>
          <UnsentCard unsent={one} />
        </li>
      ))}
    </ol>
  )
}

const AllExpired = () => (
  <Empty title="No cruds right now">All cruds have expired. The next one will appear here.</Empty>
)

const FollowsNobody = ({ suggestions }: { suggestions: ReactNode }) => (
  <>
    <Empty title="Nothing here yet">Follow people to see what they write and repost.</Empty>
    {suggestions}
  </>
)
