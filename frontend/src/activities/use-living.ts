import type { Reply } from '@cruddur/shared/activities'
import { useCallback, useMemo } from 'react'
import { serverNow } from '../api/server-clock.ts'
import { useTimed } from '../ui/clock.ts'
import { isExpired } from '../ui/relative-time.ts'
import { living, livingKey } from './feed.ts'

/** Those whose time is not up; each leaves at its very time, by the server's clock. */
export const useLiving = <Shown extends Reply>(all: readonly Shown[]): Shown[] => {
  const key = useTimed(useCallback((time) => livingKey(all, time), [all]))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` says when time has changed the answer.
  return useMemo(() => living(all, serverNow()), [all, key])
}

export const isLeaving = ({ expires_at }: Reply): boolean => isExpired(expires_at, serverNow())
