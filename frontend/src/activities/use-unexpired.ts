import type { Reply } from '@cruddur/shared/activities'
import { useCallback, useMemo } from 'react'
import { serverNow } from '../api/server-clock.ts'
import { useTimed } from '../ui/clock.ts'
import { isExpired } from '../ui/relative-time.ts'
import { expiryKey, unexpired } from './expiry.ts'

/** Activities leave within a second of their expiry, by the server's clock. */
export const useUnexpired = <One extends Reply>(all: readonly One[]): One[] => {
  const key = useTimed(useCallback((time) => expiryKey(all, time), [all]))
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` changes when an activity begins to fade or is gone.
  return useMemo(() => unexpired(all, serverNow()), [all, key])
}

export const isFading = ({ expires_at }: Reply): boolean => isExpired(expires_at, serverNow())
