import { type RefObject, useCallback, useLayoutEffect, useState, useSyncExternalStore } from 'react'

const around = 12
const narrowQuery = matchMedia('(max-width: 760px)')

/** There the details are a sheet over the lower part of the page: both as in waterfall.css. */
export const sheetQuery = matchMedia('(max-width: 1100px)')
const sheetShare = 0.68
const axisHeight = 64

const watchNarrow = (watcher: () => void) => {
  narrowQuery.addEventListener('change', watcher)
  return () => narrowQuery.removeEventListener('change', watcher)
}

/** Which rows are in sight of the page's own scrolling: a trace of ten thousand spans draws some dozens. */
export const useRowWindow = (tree: RefObject<HTMLElement | null>, rowCount: number, detailsOpen: boolean) => {
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
    (at: number, toMiddle = false) => {
      const top = (tree.current?.getBoundingClientRect().top ?? 0) + at * rowHeight
      const bottom = innerHeight * (detailsOpen && sheetQuery.matches ? 1 - sheetShare : 1) - rowHeight - 8
      if (top >= axisHeight && top <= bottom) return
      const wanted = toMiddle ? (axisHeight + bottom) / 2 : top < axisHeight ? axisHeight : bottom
      scrollBy({ top: top - wanted, behavior: 'instant' })
    },
    [tree, rowHeight, detailsOpen],
  )

  return { ...seen, rowHeight, reveal, narrow }
}
