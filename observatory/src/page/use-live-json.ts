import { useCallback, useEffect, useRef, useState } from 'react'
import { useLive } from './live.ts'

export type Loaded<Body> =
  | { state: 'loading' }
  | { state: 'missing' }
  | { state: 'failed'; why: string }
  | { state: 'here'; body: Body }

/** What is at `url`, read again whenever the observatory says that something it concerns has changed. */
export const useLiveJson = <Body>(url: string, concerns: string | null): Loaded<Body> => {
  const [loaded, setLoaded] = useState<Loaded<Body>>({ state: 'loading' })
  const flight = useRef<{ url: string; again: boolean } | null>(null)

  const load = useCallback(async () => {
    if (flight.current?.url === url) {
      flight.current.again = true
      return
    }
    const mine = { url, again: false }
    flight.current = mine
    do {
      mine.again = false
      const next = await read<Body>(url)
      if (flight.current !== mine) return
      setLoaded(next)
    } while (mine.again)
    flight.current = null
  }, [url])

  useEffect(() => {
    void load()
    return () => {
      flight.current = null
    }
  }, [load])

  useLive(
    useCallback(
      (traceIds) => {
        if (concerns === null || traceIds === null || traceIds.includes(concerns)) void load()
      },
      [load, concerns],
    ),
  )
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
