import { useEffect, useState } from 'react'

export const useNow = (everyMs: number): number => {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}

/** Both sides send in batches: until then a missing parent is no news. */
const arrivingMs = 10_000

export const isArriving = (firstSeenMs: number, now: number): boolean => now - firstSeenMs < arrivingMs
