import { type HTMLAttributes, type RefObject, useEffect, useEffectEvent, useRef } from 'react'
import { afterPaint } from './after-paint.ts'
import { ErrorLine } from './trouble.tsx'

type Query = {
  data?: { pages: readonly unknown[] } | undefined
  hasNextPage: boolean
  isFetchingNextPage: boolean
  isFetchNextPageError: boolean
  error: (Error & { traceId?: string | null }) | null
  fetchNextPage: () => Promise<unknown>
}

type Props = {
  query: Query
  /** After a click the focus goes to the first new item in this list. Without a list it goes to the scrolling box. */
  items?: RefObject<HTMLElement | null>
  words?: string
  trace?: HTMLAttributes<Element>['data-trace']
  /** Called when the end of the list scrolls near. */
  onScroll: (load: () => Promise<unknown>) => void
}

const ahead = '800px'

/** Loads the rest of a list when its end scrolls near, or by a button. After a failure, only the button loads more. */
export const ListEnd = ({ query, items, words = 'Load more', trace = 'load more', onScroll }: Props) => {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query
  const end = useRef<HTMLDivElement>(null)
  const error = isFetchNextPageError ? query.error : null
  const pageCount = query.data?.pages.length
  const loadOnScroll = useEffectEvent(() => onScroll(fetchNextPage))
  const isWatched = hasNextPage && !isFetchingNextPage && !error

  // biome-ignore lint/correctness/useExhaustiveDependencies: after each page the end is watched again.
  useEffect(() => {
    if (!isWatched || !end.current) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        loadOnScroll()
      },
      { root: end.current.closest('[data-scrolls]'), rootMargin: ahead },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [isWatched, pageCount])

  const load = async (): Promise<void> => {
    const shown = items?.current?.children.length ?? 0
    const box = end.current?.closest<HTMLElement>('[data-scrolls]')
    await fetchNextPage()
    afterPaint(() => {
      const next = items ? items.current?.children.item(shown)?.querySelector<HTMLElement>('article, a') : box
      next?.focus({ preventScroll: true })
    })
  }

  if (!hasNextPage) return null
  return (
    <div className="list-end" ref={end}>
      {error && <ErrorLine traceId={error.traceId ?? null}>Could not load more: {error.message}</ErrorLine>}
      <button
        type="button"
        className="button button-quiet"
        data-trace={trace}
        aria-disabled={isFetchingNextPage}
        onClick={() => !isFetchingNextPage && void load()}
      >
        {isFetchingNextPage ? 'Loading…' : error ? 'Try again' : words}
      </button>
    </div>
  )
}
