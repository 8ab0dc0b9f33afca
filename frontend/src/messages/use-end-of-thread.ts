import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react'

const nearPx = 48

type Given = {
  /** What stands last; undefined where nothing does. */
  last: string | undefined
  isLastMine: boolean
  onEndSeen?: ((isSeen: boolean) => void) | undefined
}

/**
 * Whoever reads the end of a conversation stays there when something comes; whoever reads further up keeps their place,
 * whatever comes below or above it.
 */
export const useEndOfThread = ({ last, isLastMine, onEndSeen }: Given) => {
  const box = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  const place = useRef<{ element: HTMLElement; top: number } | null>(null)
  const shownLast = useRef(last)
  const [isNewBelow, setNewBelow] = useState(false)

  const notePlace = useCallback(() => {
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
    notePlace()
  })

  // The keyboard of a phone, or a message of many lines that is being written, takes room from below.
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
