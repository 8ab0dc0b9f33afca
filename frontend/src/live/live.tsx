import { type LiveEvent, livePath } from '@cruddur/shared/live'
import { useEffect, useEffectEvent, useRef } from 'react'
import { apiOrigin } from '../api/call.ts'
import { outsideOfInteractions } from '../telemetry/index.ts'
import { type Browser, LiveSource } from './live-source.ts'

const name = 'cruddur-live'

const browser: Browser = {
  openStream: () => new EventSource(`${apiOrigin}${livePath}`, { withCredentials: apiOrigin !== '' }),
  // Without locks every tab listens for itself, so no tab has to tell another.
  openChannel: () => (navigator.locks && typeof BroadcastChannel !== 'undefined' ? new BroadcastChannel(name) : null),
  withLock: (whileHeld, signal) =>
    navigator.locks ? navigator.locks.request(name, { signal }, whileHeld) : whileHeld(),
  later: (run, ms) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

type Props = {
  /** The id of the signed-in user. Undefined until it is known. */
  userId: string | null | undefined
  on: (event: LiveEvent) => void
}

/** Listens to live events once the page has loaded. */
export const Live = ({ userId, on }: Props) => {
  const hear = useEffectEvent(on)
  const source = useRef<LiveSource | null>(null)
  const heardFor = useRef<string | null | undefined>(undefined)
  const isKnown = userId !== undefined

  useEffect(() => {
    if (!isKnown) return
    const live = new LiveSource(browser, (event) => hear(event))
    source.current = live
    const start = (isLate = false) => outsideOfInteractions(() => live.start({ isLate }))
    const startNow = () => start()
    // The browser keeps only pages without an open connection in its back/forward cache.
    const leave = () => live.stop()
    const comeBack = ({ persisted }: PageTransitionEvent) => persisted && start(true)

    if (document.readyState === 'complete') start()
    else addEventListener('load', startNow, { once: true })
    addEventListener('pagehide', leave)
    addEventListener('pageshow', comeBack)
    return () => {
      removeEventListener('load', startNow)
      removeEventListener('pagehide', leave)
      removeEventListener('pageshow', comeBack)
      live.stop()
      source.current = null
    }
  }, [isKnown])

  useEffect(() => {
    const before = heardFor.current
    heardFor.current = userId
    if (before !== undefined && before !== userId) outsideOfInteractions(() => source.current?.restart())
  }, [userId])

  return null
}
