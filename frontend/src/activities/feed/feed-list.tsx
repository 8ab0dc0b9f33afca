import type { Activity } from '@cruddur/shared/activities'
import { type ReactNode, useMemo, useRef } from 'react'
import { afterPaint } from '../../ui/after-paint.ts'
import type { Page } from '../cache/activity-pages.ts'
import { onceEach } from '../cache/activity-pages.ts'
import { ActivityCard } from '../card/activity-card.tsx'
import { isFading, useUnexpired } from '../use-unexpired.ts'
import { FeedEnd } from './feed-end.tsx'
import { FeedTrouble } from './feed-trouble.tsx'
import { NewPill } from './new-activities-pill.tsx'

type Feed = {
  hasNextPage: boolean
  isFetching: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  isRefetchError: boolean
  error: Error | null
  fetchNextPage: () => Promise<unknown>
  refetch: () => Promise<{ isSuccess: boolean }>
}

type Props = {
  feed: Feed
  pages: readonly Page[]
  queryKey: readonly unknown[]
  subject: string
  label: string
  /** Under which name what is new in it is counted, where it begins with the newest. */
  list?: string
  /** Above the first one. */
  top?: ReactNode
  empty: ReactNode
}

/** A list of activities that has come, or has come once. */
export const FeedList = ({ feed, pages, queryKey, subject, label, list, top, empty }: Props) => {
  const all = useMemo(() => onceEach<Activity>(pages.map(({ activities = [] }) => activities)), [pages])
  const activities = useUnexpired(all)
  const items = useRef<HTMLOListElement>(null)

  const focusOn = (index: number) =>
    afterPaint(() => items.current?.children.item(index)?.querySelector('article')?.focus({ preventScroll: true }))

  /** Whoever asked for more by hand reads on at the first that is new. */
  const readOn = async () => {
    const next = activities.length
    await feed.fetchNextPage()
    focusOn(next)
  }

  return (
    <>
      {list && <NewPill list={list} queryKey={queryKey} read={() => feed.refetch()} onShown={() => focusOn(0)} />}
      {feed.isRefetchError && feed.error && (
        <FeedTrouble
          subject={subject}
          error={feed.error}
          retry={() => void feed.refetch()}
          isTrying={feed.isFetching}
          isStale
        />
      )}
      {top}
      {activities.length === 0 && !feed.hasNextPage ? (
        empty
      ) : (
        <ol className="feed" ref={items} aria-label={label}>
          {activities.map((activity) => (
            <li key={activity.uuid} data-leaving={isFading(activity) || undefined}>
              <ActivityCard activity={activity} />
            </li>
          ))}
        </ol>
      )}
      <FeedEnd
        key={pages.length}
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
