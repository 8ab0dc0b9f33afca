import type { Activity } from '@cruddur/shared/activities'
import { type ReactNode, useMemo, useRef } from 'react'
import { onceEach } from '../../api/once-each.ts'
import { troubleOf } from '../../api/trouble-words.ts'
import { withInteraction } from '../../telemetry/index.ts'
import { afterPaint } from '../../ui/after-paint.ts'
import { ListEnd } from '../../ui/list-end.tsx'
import { Trouble } from '../../ui/trouble.tsx'
import type { Page } from '../cache/activity-pages.ts'
import { ActivityCard } from '../card/activity-card.tsx'
import { isFading, useUnexpired } from '../use-unexpired.ts'
import { NewActivitiesPill } from './new-activities-pill.tsx'

type Feed = {
  data: { pages: readonly Page[] }
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
  queryKey: readonly unknown[]
  /** The end of a sentence: "the feed". */
  what: string
  label: string
  /** The name under which new activities in this list are counted. */
  list?: string
  top?: ReactNode
  empty: ReactNode
}

export const FeedList = ({ feed, queryKey, what, label, list, top, empty }: Props) => {
  const { pages } = feed.data
  const all = useMemo(() => onceEach<Activity>(pages.map(({ activities = [] }) => activities)), [pages])
  const activities = useUnexpired(all)
  const items = useRef<HTMLOListElement>(null)

  const focusOnFirst = () =>
    afterPaint(() => items.current?.querySelector<HTMLElement>('article')?.focus({ preventScroll: true }))

  return (
    <>
      {list && <NewActivitiesPill list={list} queryKey={queryKey} read={() => feed.refetch()} onShown={focusOnFirst} />}
      {feed.isRefetchError && <Trouble {...troubleOf(what, feed)} />}
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
      <ListEnd query={feed} items={items} onScroll={(load) => void withInteraction('scroll load more', load)} />
      {!feed.hasNextPage && activities.length > 0 && <p className="feed-end">You’re all caught up.</p>}
    </>
  )
}
