import { type FeedName, homeFeed } from '@cruddur/shared/activities'
import type { ReactNode } from 'react'
import { call } from '../../api/call.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { Empty } from '../../ui/empty.tsx'
import { Skeleton } from '../../ui/skeleton.tsx'
import { useUnsent } from '../../writing/outbox-provider.tsx'
import { activitiesIn } from '../cache/activity-pages.ts'
import { UnsentCard } from '../write/unsent-card.tsx'
import { FeedList } from './feed-list.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { useActivityPages } from './use-activity-pages.ts'
import { useIsDrawing } from './use-is-drawing.ts'

type Props = {
  feed: FeedName
  /** Whom to follow, for whoever follows nobody yet. */
  suggestions?: ReactNode
}

export const HomeFeed = ({ feed: name, suggestions }: Props) => {
  const queryKey = queryKeys.homeFeed(name)
  const feed = useActivityPages({
    queryKey,
    list: name,
    read: (after, signal) => call(homeFeed, { feed: name, ...after }, { signal }),
  })
  const isDrawing = useIsDrawing(feed)
  const subject = 'The feed'

  if (feed.isPending || isDrawing) return <Skeleton shape="card" count={4} label="Loading the feed" />
  if (!feed.data) {
    return (
      <>
        <UnsentAbove shown={[]} />
        <FeedTrouble
          subject={subject}
          error={feed.error}
          retry={() => void feed.refetch()}
          isTrying={feed.isFetching}
        />
      </>
    )
  }
  return (
    <FeedList
      key={name}
      feed={feed}
      pages={feed.data.pages}
      queryKey={queryKey}
      subject={subject}
      label={name === 'following' ? 'Cruds of those whom you follow, newest first' : 'Cruds, newest first'}
      list={name}
      top={<UnsentAbove shown={feed.data.pages.flatMap(activitiesIn).map(({ uuid }) => uuid)} />}
      empty={name === 'following' ? <NobodyFollowed suggestions={suggestions} /> : <AllExpired />}
    />
  )
}

/** Replies wait below what they reply to, where that is shown. */
const UnsentAbove = ({ shown }: { shown: readonly string[] }) => {
  const unsent = useUnsent().filter(({ replyTo }) => !replyTo || !shown.includes(replyTo.uuid))
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
  <Empty title="Nothing lives here just now">
    Every crud expires, and all of them have. The next one will be at the top of this page.
  </Empty>
)

const NobodyFollowed = ({ suggestions }: { suggestions: ReactNode }) => (
  <>
    <Empty title="Nothing here yet">
      This is where the cruds of those whom you follow will be, and what they repost. Begin with somebody whose words
      you like.
    </Empty>
    {suggestions}
  </>
)
