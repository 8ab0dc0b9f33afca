import { useEffect } from 'react'
import { afterPaint } from '../ui/after-paint.ts'

/** Where one can go on: what can be pressed, and what is read as one thing. */
const stops = 'main, article[tabindex], a[href]:not([tabindex]), button:not([tabindex]), input, select, textarea'

const isSeen = (element: Element): boolean => element.isConnected && element.checkVisibility()

const stopIn = (place: Element): HTMLElement | undefined =>
  [place as HTMLElement, ...place.querySelectorAll<HTMLElement>(stops)].find(
    (element) => element.matches(stops) && isSeen(element),
  )

/** It, and what it is in, as far as the page's column. */
const around = (place: Node | null): Element[] => {
  const places: Element[] = []
  for (let at = place; at instanceof Element && at.closest('.layout > *'); at = at.parentElement) places.push(at)
  return places
}

/** The next one of a list, or the one before; but what something was a part of, where that is one thing. */
const placesAfter = ({ target, nextSibling, previousSibling }: MutationRecord): Element[] => {
  const whole = target instanceof Element && target.matches(stops) ? target : null
  const near = [nextSibling, whole, previousSibling].filter((node) => node instanceof Element)
  return [...near, ...around(target)]
}

/** What has the focus may leave the page, or hide: whoever is there goes on beside it, not at the page's beginning. */
export const useKeptFocus = (): void => {
  useEffect(() => {
    let last: Element | null = null
    let beside: Element[] = []
    let isLooking = false

    const look = () => {
      isLooking = false
      const isLost = document.activeElement === document.body && document.hasFocus()
      if (!isLost || !last || isSeen(last)) return
      const places = [...beside, ...around(last), ...document.querySelectorAll('main')]
      const stop = places.map(stopIn).find((found) => found !== undefined)
      stop?.focus({ preventScroll: true })
    }
    const observer = new MutationObserver((records) => {
      if (!last) return
      const left = records.find(({ removedNodes }) => [...removedNodes].some((node) => node.contains(last)))
      if (left) beside = placesAfter(left)
      if (isLooking) return
      isLooking = true
      afterPaint(look)
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
