import { type RefObject, useCallback, useLayoutEffect, useState, useSyncExternalStore } from 'react'

const around = 12
const narrowQuery = matchMedia('(max-width: 760px)')

const watchNarrow = (watcher: () => void) => {
  narrowQuery.addEventListener('change', watcher)
  return () => narrowQuery.removeEventListener('change', watcher)
}

/** Which rows are in sight of the page's own scrolling: a trace of ten thousand spans draws some dozens. */
export const useRowWindow = (tree: RefObject<HTMLElement | null>, rowCount: number) => {
  const narrow = useSyncExternalStore(watchNarrow, () => narrowQuery.matches)
  const rowHeight = narrow ? 50 : 32
  const [seen, setSeen] = useState({ from: 0, to: 60 })

  useLayoutEffect(() => {
    const look = () => {
      const top = tree.current?.getBoundingClientRect().top ?? 0
      const from = Math.max(0, Math.floor(-top / rowHeight) - around)
      const to = Math.min(rowCount, Math.ceil((innerHeight - top) / rowHeight) + around)
      setSeen((before) => (before.from === from && before.to === to ? before : { from, to }))
    }
    look()
    const size = new ResizeObserver(look)
    size.observe(document.body)
    addEventListener('scroll', look, { passive: true })
    addEventListener('resize', look)
    return () => {
      size.disconnect()
      removeEventListener('scroll', look)
      removeEventListener('resize', look)
    }
  }, [tree, rowCount, rowHeight])

  const reveal = useCallback(
    (at: number, where: 'nearest' | 'center') => {
      const top = (tree.current?.getBoundingClientRect().top ?? 0) + at * rowHeight
      const roomAbove = 72
      const outside = top < roomAbove || top + rowHeight > innerHeight
      if (!outside) return
      const wanted = where === 'center' ? innerHeight / 2 : top < roomAbove ? roomAbove : innerHeight - rowHeight - 8
      scrollBy({ top: top - wanted, behavior: 'instant' })
    },
    [tree, rowHeight],
  )

  return { ...seen, rowHeight, reveal, narrow }
}
