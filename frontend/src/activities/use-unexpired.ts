import type { Reply } from '@cruddur/shared/activities'
import { useCallback, useEffect, useMemo, useReducer } from 'react'
import { serverNow } from '../api/server-clock.ts'
import { useTimed } from '../ui/clock.ts'
import { isExpired } from '../ui/relative-time.ts'
import { expiryKey, nextExpiry, unexpired } from './expiry.ts'

const longestTimerMs = 60_000

/** Each activity leaves when it expires by the server's clock. */
export const useUnexpired = <One extends Reply>(all: readonly One[]): One[] => {
  const key = useTimed(useCallback((time) => expiryKey(all, time), [all]))
  const [checks, checkAgain] = useReducer((count: number) => count + 1, 0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: each check sets the timer for the next one.
  useEffect(() => {
    const at = nextExpiry(all, serverNow())
    if (at === null) return
    const timer = setTimeout(checkAgain, Math.min(longestTimerMs, at - serverNow()))
    return () => clearTimeout(timer)
  }, [all, checks])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `checks` say when time has changed the answer.
  return useMemo(() => unexpired(all, serverNow()), [all, key, checks])
}

export const isFading = ({ expires_at }: Reply): boolean => isExpired(expires_at, serverNow())
