import { type HTMLAttributes, type RefObject, useEffect, useEffectEvent, useRef } from 'react'
import { afterPaint } from './after-paint.ts'
import { ErrorLine } from './trouble.tsx'

type Props = {
  words: string
  trace: HTMLAttributes<Element>['data-trace']
  isLoading: boolean
  /** After a failure, only the button tries again. */
  error: (Error & { traceId?: string | null }) | null
  /** Runs when the end of the list scrolls near. */
  onReach: () => void
  onClick: () => void
}

const ahead = '800px'

/** Loads the rest of a list: on scrolling near, or by a button. */
export const ListEnd = ({ words, trace, isLoading, error, onReach, onClick }: Props) => {
  const end = useRef<HTMLDivElement>(null)
  const reach = useEffectEvent(onReach)
  const isWatched = !isLoading && !error

  useEffect(() => {
    if (!isWatched || !end.current) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        reach()
      },
      { root: end.current.closest('[data-scrolls]'), rootMargin: ahead },
    )
    observer.observe(end.current)
    return () => observer.disconnect()
  }, [isWatched])

  return (
    <div className="list-end" ref={end}>
      {error && <ErrorLine traceId={error.traceId ?? null}>Could not load more: {error.message}</ErrorLine>}
      <button
        type="button"
        className="button button-quiet"
        data-trace={trace}
        aria-disabled={isLoading}
        onClick={() => !isLoading && onClick()}
      >
        {isLoading ? 'Loading…' : error ? 'Try again' : words}
      </button>
    </div>
  )
}

/** Loads more, then moves the focus to the first item that was not there. */
export const useLoadMore = (list: RefObject<HTMLElement | null>, load: () => Promise<unknown>) => async () => {
  const shown = list.current?.children.length ?? 0
  await load()
  afterPaint(() =>
    list.current?.children.item(shown)?.querySelector<HTMLElement>('article, a')?.focus({ preventScroll: true }),
  )
}
