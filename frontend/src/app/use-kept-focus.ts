import { useEffect } from 'react'
import { afterPaint } from '../ui/after-paint.ts'

/** Elements that can take the focus, and articles, which a screen reader reads as a whole. */
const stops = 'main, article[tabindex], a[href]:not([tabindex]), button:not([tabindex]), input, select, textarea'

const isVisible = (element: Element): boolean => element.isConnected && element.checkVisibility()

const stopIn = (place: Element): HTMLElement | undefined =>
  [place as HTMLElement, ...place.querySelectorAll<HTMLElement>(stops)].find(
    (element) => element.matches(stops) && isVisible(element),
  )

/** The element and its ancestors, up to its column. */
const withAncestors = (place: Node | null): Element[] => {
  const places: Element[] = []
  for (let at = place; at instanceof Element && at.closest('.layout > *'); at = at.parentElement) places.push(at)
  return places
}

/** The next element of a list, then the parent if it can take the focus itself, then the previous element. */
const placesBeside = ({ target, nextSibling, previousSibling }: MutationRecord): Element[] => {
  const whole = target instanceof Element && target.matches(stops) ? target : null
  const near = [nextSibling, whole, previousSibling].filter((node) => node instanceof Element)
  return [...near, ...withAncestors(target)]
}

/** When the focused element leaves the page or hides, moves the focus beside it. A browser would move it to the top. */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let last: Element | null = null
    let beside: Element[] = []
    let isScheduled = false

    const restore = () => {
      isScheduled = false
      const isLost = document.activeElement === document.body && document.hasFocus()
      if (!isLost || !last || isVisible(last)) return
      const places = [...beside, ...withAncestors(last), ...document.querySelectorAll('main')]
      const stop = places.map(stopIn).find((found) => found !== undefined)
      stop?.focus({ preventScroll: true })
    }
    const observer = new MutationObserver((records) => {
      if (!last) return
      const left = records.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(last)))
      if (left) beside = placesBeside(left)
      if (isScheduled) return
      isScheduled = true
      afterPaint(restore)
    })
    const remember = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null
      beside = []
    }
    const forget = () => {
      last = null
    }

    observer.observe(document.body, { childList: true, subtree: true })
    addEventListener('focusin', remember)
    addEventListener('pointerdown', forget)
    return () => {
      observer.disconnect()
      removeEventListener('focusin', remember)
      removeEventListener('pointerdown', forget)
    }
  }, [])
}
