import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

const nearPx = 48

type Options = {
  /** Identifies the last message. */
  last: string | undefined
  isLastMine: boolean
  onEndSeen?: ((isSeen: boolean) => void) | undefined
}

/** At the end, new messages scroll into view. Further up, the view stays where it is. */
export const useEndOfThread = ({ last, isLastMine, onEndSeen }: Options) => {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const place = useRef<{ element: HTMLElement; top: number } | null>(null)
  const shownLast = useRef(last)
  const [isNewBelow, setNewBelow] = useState(false)

  const rememberPlace = useCallback(() => {
    const element = box.current?.querySelector<HTMLElement>('[data-message]')
    place.current = element ? { element, top: element.offsetTop } : null
  }, [])

  const goToEnd = useCallback(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
    isAtEnd.current = true
    setNewBelow(false)
    onEndSeen?.(true)
  }, [onEndSeen])

  const onScroll = useCallback(() => {
    if (!box.current) return
    const { scrollHeight, scrollTop, clientHeight } = box.current
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < nearPx
    if (isAtEnd.current) setNewBelow(false)
    onEndSeen?.(isAtEnd.current)
  }, [onEndSeen])

  useLayoutEffect(() => {
    const isNew = shownLast.current !== last
    shownLast.current = last
    if (isAtEnd.current || (isNew && isLastMine)) goToEnd()
    else {
      const { element, top } = place.current ?? {}
      if (box.current && element?.isConnected && top !== undefined) box.current.scrollTop += element.offsetTop - top
      if (isNew) setNewBelow(true)
    }
    rememberPlace()
  })

  // A phone's keyboard or a long draft makes the box smaller.
  useEffect(() => {
    if (!box.current) return
    const observer = new ResizeObserver(() => {
      if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight
    })
    observer.observe(box.current)
    return () => observer.disconnect()
  }, [])

  return { box, onScroll, isNewBelow, goToEnd }
}
