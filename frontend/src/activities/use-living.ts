import type { Reply } from '@cruddur/shared/activities'
import { useCallback, useEffect, useMemo, useReducer } from 'react'
import { serverNow } from '../api/server-clock.ts'
import { useTimed } from '../ui/clock.ts'
import { isExpired } from '../ui/relative-time.ts'
import { living, livingKey, nextExpiry } from './feed.ts'

/** A timer may not be longer; what lives on is looked at again then. */
const longestMs = 60_000

/** Those whose time is not up; each leaves at its very time, by the server's clock. */
export const useLiving = <Shown extends Reply>(all: readonly Shown[]): Shown[] => {
  const key = useTimed(useCallback((time) => livingKey(all, time), [all]))
  const [turn, look] = useReducer((turns: number) => turns + 1, 0)

  // biome-ignore lint/correctness/useExhaustiveDependencies: after each look there is a next one.
  useEffect(() => {
    const at = nextExpiry(all, serverNow())
    if (at === null) return
    const timer = setTimeout(look, Math.min(longestMs, at - serverNow()))
    return () => clearTimeout(timer)
  }, [all, turn])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` and `turn` say when time has changed the answer.
  return useMemo(() => living(all, serverNow()), [all, key, turn])
}

export const isLeaving = ({ expires_at }: Reply): boolean => isExpired(expires_at, serverNow())
