import type { FeedName } from '@cruddur/shared/activities'
import { useCallback, useMemo, useRef } from 'react'
import { ApiError, isApiError } from '../api/api-error.ts'
import { serverNow } from '../api/server-clock.ts'
import { useTimed } from '../ui/clock.ts'
import { Trouble } from '../ui/trouble.tsx'
import { ActivityCard } from './activity-card.tsx'
import { activitiesOf, living, livingKey } from './feed.ts'
import { FeedEnd } from './feed-end.tsx'
import { FeedSkeleton } from './feed-skeleton.tsx'
import { useHomeFeed } from './use-home-feed.ts'

type Props = { feed?: FeedName; now?: () => number }

export const HomeFeed = ({ feed: _name = 'everyone', now = serverNow }: Props) => {
  const feed = useHomeFeed()
  const all = useMemo(() => activitiesOf(feed.data?.pages ?? []), [feed.data])
  const key = useTimed(useCallback((time) => livingKey(all, time), [all]))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when time has changed the answer.
  const activities = useMemo(() => living(all, now()), [all, key, now])
  const list = useRef<HTMLOListElement>(null)

  /** Whoever asked for more by hand reads on at the first that is new. */
  const readOn = async () => {
    const next = activities.length
    await feed.fetchNextPage()
    requestAnimationFrame(() =>
      list.current?.children.item(next)?.querySelector('article')?.focus({ preventScroll: true }),
    )
  }

  if (feed.isPending) return <FeedSkeleton />
  if (feed.isError && !feed.data) {
    return <FeedTrouble error={feed.error} retry={() => void feed.refetch()} isTrying={feed.isFetching} />
  }
  return (
    <>
      {feed.isRefetchError && (
        <FeedTrouble error={feed.error} retry={() => void feed.refetch()} isTrying={feed.isFetching} isStale />
      )}
      {activities.length === 0 && !feed.hasNextPage ? (
        <Empty />
      ) : (
        <ol className="feed" ref={list} aria-label="Cruds, newest first">
          {activities.map((activity) => (
            <li key={activity.uuid}>
              <ActivityCard activity={activity} />
            </li>
          ))}
        </ol>
      )}
      <FeedEnd
        key={feed.data.pages.length}
        hasMore={feed.hasNextPage}
        isLoading={feed.isFetchingNextPage}
        isEmpty={activities.length === 0}
        error={feed.isFetchNextPageError ? feed.error : null}
        loadMore={feed.fetchNextPage}
        readOn={() => void readOn()}
      />
    </>
  )
}

const Empty = () => (
  <section className="empty">
    <svg viewBox="0 0 120 120" width="120" height="120" aria-hidden="true">
      <circle className="empty-ring" cx="60" cy="60" r="42" />
      <circle className="empty-ember" cx="60" cy="18" r="6" />
    </svg>
    <h2>Nothing lives here just now</h2>
    <p>Every crud expires, and all of them have. The next one will be at the top of this page.</p>
  </section>
)

type FeedTroubleProps = { error: Error; retry: () => void; isTrying: boolean; isStale?: boolean }

const FeedTrouble = ({ error, retry, isTrying, isStale = false }: FeedTroubleProps) => {
  const { title, sentence } = troubleWords(error)
  return (
    <Trouble title={title} traceId={error instanceof ApiError ? error.traceId : null} retry={retry} isTrying={isTrying}>
      {sentence} {isStale && 'What you see below is from a moment ago.'}
    </Trouble>
  )
}

const troubleWords = (error: Error): { title: string; sentence: string } => {
  if (isApiError(error, 'offline')) {
    return { title: 'You are offline', sentence: 'The feed comes back by itself when your connection does.' }
  }
  if (isApiError(error, 'unavailable')) {
    return {
      title: 'Storage is unavailable',
      sentence: 'Cruddur runs, but cannot reach its cruds just now. This page keeps asking.',
    }
  }
  if (isApiError(error, 'unreachable')) {
    return { title: 'Cruddur does not answer', sentence: 'The server could not be reached. This page keeps asking.' }
  }
  if (isApiError(error, 'too_many_requests')) {
    return { title: 'Too many questions', sentence: 'Give it a moment, then try again.' }
  }
  return { title: 'The feed did not come', sentence: 'Something went wrong on our side, and it has been noted.' }
}
