import { useEffect, useSyncExternalStore } from 'react'

/** The traces that changed, or null when it may be any of them. */
type Listener = (traceIds: string[] | null) => void

const listeners = new Set<Listener>()
const watchers = new Set<() => void>()
let source: EventSource | null = null
let connected = false

const tell = (traceIds: string[] | null) => {
  for (const listener of listeners) listener(traceIds)
}

const setConnected = (now: boolean) => {
  if (connected === now) return
  connected = now
  for (const watcher of watchers) watcher()
}

/** Hidden pages let go of the line: a browser has only six of them for all tabs together. */
const connect = () => {
  const wanted = listeners.size > 0 && document.visibilityState === 'visible'
  if (!wanted) {
    source?.close()
    source = null
    return
  }
  if (source) return
  source = new EventSource('/api/live')
  source.addEventListener('open', () => {
    setConnected(true)
    tell(null)
  })
  source.addEventListener('error', () => {
    setConnected(false)
    if (source?.readyState !== EventSource.CLOSED) return
    source = null
    setTimeout(connect, 3000)
  })
  source.addEventListener('changed', (event) => {
    const { traces } = JSON.parse(event.data) as { traces: string[] | null }
    tell(traces && traces.length > 0 ? traces : null)
  })
}

document.addEventListener('visibilitychange', connect)

export const useLive = (listener: Listener): void => {
  useEffect(() => {
    listeners.add(listener)
    connect()
    return () => {
      listeners.delete(listener)
    }
  }, [listener])
}

const watch = (watcher: () => void) => {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export const useConnected = (): boolean => useSyncExternalStore(watch, () => connected)
