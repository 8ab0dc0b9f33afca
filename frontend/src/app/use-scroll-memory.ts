import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { useLocation, useNavigationType } from 'react-router'
import { ScrollMemory } from './scroll-memory.ts'

const storageKey = 'scroll'

const saved = (): string | null => {
  try {
    return sessionStorage.getItem(storageKey)
  } catch {
    return null
  }
}

const longestMs = 3_000
const userMoves = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/** Waits until the page is long enough. Stops if the user scrolls first. */
const scrollWhenLongEnough = (top: number): (() => void) => {
  const hasArrived = (): boolean => {
    window.scrollTo({ top, behavior: 'instant' })
    return Math.abs(window.scrollY - top) < 2
  }
  if (hasArrived()) return () => {}
  const stop = () => {
    sizes.disconnect()
    clearTimeout(timer)
    for (const move of userMoves) removeEventListener(move, stop)
  }
  const sizes = new ResizeObserver(() => {
    if (hasArrived()) stop()
  })
  sizes.observe(document.body)
  const timer = setTimeout(stop, longestMs)
  for (const move of userMoves) addEventListener(move, stop, { passive: true })
  return stop
}

/** Back and forward restore the scroll position; a new page starts at the top. */
export const useScrollMemory = (): void => {
  const { key, pathname } = useLocation()
  const navigation = useNavigationType()
  const [memory] = useState(() => new ScrollMemory(saved()))
  const entry = useRef(key)
  const formerPath = useRef<string | null>(null)

  useEffect(() => {
    history.scrollRestoration = 'manual'
    const remember = () => memory.remember(entry.current, window.scrollY)
    const save = () => {
      try {
        sessionStorage.setItem(storageKey, memory.save())
      } catch {
        // The browser may refuse storage: then the places last as long as the page.
      }
    }
    addEventListener('scroll', remember, { passive: true })
    addEventListener('pagehide', save)
    return () => {
      removeEventListener('scroll', remember)
      removeEventListener('pagehide', save)
    }
  }, [memory])

  useLayoutEffect(() => {
    entry.current = key
    const isFirst = formerPath.current === null
    const isSamePage = formerPath.current === pathname
    formerPath.current = pathname
    const top = memory.topOf(key)
    // The page is at the top already, and scrolling would cost a layout before the first paint.
    if (isFirst && top === 0) return
    if (navigation === 'POP') return scrollWhenLongEnough(top)
    if (navigation === 'PUSH' || !isSamePage) window.scrollTo({ top: 0, behavior: 'instant' })
    return undefined
  }, [key, pathname, navigation, memory])
}
