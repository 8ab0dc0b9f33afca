import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from 'react'

/** The traces that changed, or null when it may be any of them. */
type Listener = (traceIds: string[] | null) => void

const listeners = new Set<Listener>()
const connectionListeners = new Set<() => void>()
let source: EventSource | null = null
let connected = false

const notify: Listener = (traceIds) => {
  for (const listener of listeners) listener(traceIds)
}

const setConnected = (now: boolean) => {
  if (connected === now) return
  connected = now
  for (const listener of connectionListeners) listener()
}

/** A hidden page disconnects: a browser has only six connections to a server, for all tabs together. */
const connect = () => {
  if (document.visibilityState === 'hidden') {
    source?.close()
    source = null
    return
  }
  if (source) return
  source = new EventSource('/api/live')
  source.addEventListener('open', () => {
    setConnected(true)
    notify(null)
  })
  source.addEventListener('error', () => {
    setConnected(false)
    if (source?.readyState !== EventSource.CLOSED) return
    source = null
    setTimeout(connect, 3000)
  })
  source.addEventListener('changed', (event) => {
    const { traces } = JSON.parse(event.data) as { traces: string[] | null }
    notify(traces && traces.length > 0 ? traces : null)
  })
}

document.addEventListener('visibilitychange', connect)
connect()

const subscribe = (listener: () => void) => {
  connectionListeners.add(listener)
  return () => connectionListeners.delete(listener)
}

export const useConnected = (): boolean => useSyncExternalStore(subscribe, () => connected)

export type Loaded<Body> =
  | { state: 'loading' }
  | { state: 'missing' }
  | { state: 'failed'; why: string }
  | { state: 'here'; body: Body }

/** The JSON at `url`, loaded again when the trace `traceId` changes, or with null, when any trace changes. */
export const useLiveJson = <Body>(url: string, traceId: string | null): Loaded<Body> => {
  const [loaded, setLoaded] = useState<Loaded<Body>>({ state: 'loading' })
  const request = useRef<{ url: string; isStale: boolean } | null>(null)

  const load = useCallback(async () => {
    if (request.current?.url === url) {
      request.current.isStale = true
      return
    }
    const mine = { url, isStale: false }
    request.current = mine
    do {
      mine.isStale = false
      const next = await read<Body>(url)
      if (request.current !== mine) return
      setLoaded(next)
    } while (mine.isStale)
    request.current = null
  }, [url])

  useEffect(() => {
    const listener: Listener = (traceIds) => {
      if (traceId === null || traceIds === null || traceIds.includes(traceId)) void load()
    }
    void load()
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      request.current = null
    }
  }, [load, traceId])
  return loaded
}

const read = async <Body>(url: string): Promise<Loaded<Body>> => {
  try {
    const answer = await fetch(url)
    const body = await answer.json()
    if (answer.ok) return { state: 'here', body }
    return answer.status === 404
      ? { state: 'missing' }
      : { state: 'failed', why: body.message ?? String(answer.status) }
  } catch {
    return { state: 'failed', why: 'The observatory does not answer. Is it still running?' }
  }
}
