import { useEffect, useRef } from 'react'
import { ApiError } from '../../api/api-error.ts'
import { withInteraction } from '../../telemetry/index.ts'
import { Reference } from '../../ui/reference.tsx'

type Props = {
  hasMore: boolean
  isLoading: boolean
  isEmpty: boolean
  error: Error | null
  loadMore: () => Promise<unknown>
  readOn: () => void
}

const aheadOfTheEnd = '1500px'

export const FeedEnd = ({ hasMore, isLoading, isEmpty, error, loadMore, readOn }: Props) => {
  const sentinel = useRef<HTMLDivElement>(null)
  const isScrollable = hasMore && !isLoading && !error

  useEffect(() => {
    if (!isScrollable || !sentinel.current) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        void withInteraction('scroll load more', loadMore)
      },
      { rootMargin: aheadOfTheEnd },
    )
    observer.observe(sentinel.current)
    return () => observer.disconnect()
  }, [isScrollable, loadMore])

  if (!hasMore) return isEmpty ? null : <p className="feed-end">That is all that lives.</p>
  return (
    <div className="feed-end" ref={sentinel}>
      {error && (
        <p role="alert" className="feed-end-trouble">
          More cruds did not come: {error.message}{' '}
          {error instanceof ApiError && error.traceId && <Reference traceId={error.traceId} />}
        </p>
      )}
      <button
        type="button"
        className="button button-quiet"
        data-trace="load more"
        aria-disabled={isLoading}
        onClick={() => !isLoading && readOn()}
      >
        {isLoading ? 'Loading more…' : error ? 'Try again' : 'Load more'}
      </button>
    </div>
  )
}
