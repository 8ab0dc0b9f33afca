import { type HTMLAttributes, type ReactNode, useEffect, useEffectEvent, useRef } from 'react'

type Props = {
  /** What the button says: "Load more". */
  words: string
  trace: HTMLAttributes<Element>['data-trace']
  isLoading: boolean
  /** It did not work: then it is not tried again by scrolling. */
  error?: ReactNode
  /** Its reader came near by scrolling. */
  onReach: () => void
  onClick: () => void
}

const ahead = '600px'

/** Where a list goes on: by itself for whoever scrolls there, by a button for everybody else. */
export const ListEnd = ({ words, trace, isLoading, error, onReach, onClick }: Props) => {
  const sentinel = useRef<HTMLDivElement>(null)
  const reach = useEffectEvent(onReach)
  const isWatched = !isLoading && !error

  useEffect(() => {
    if (!isWatched || !sentinel.current) return
    const observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return
        observer.disconnect()
        reach()
      },
      { root: sentinel.current.closest('[data-scrolls]'), rootMargin: ahead },
    )
    observer.observe(sentinel.current)
    return () => observer.disconnect()
  }, [isWatched])

  return (
    <div className="list-end" ref={sentinel}>
      {error}
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
