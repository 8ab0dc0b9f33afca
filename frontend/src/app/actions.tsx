import { traceLink } from '@cruddur/shared/health'
import type { Session } from '@cruddur/shared/session'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { isTraceKept, onAction } from '../telemetry/index.ts'
import { type Notice, NotifyContext } from '../ui/notify.ts'
import { TraceAddressContext } from '../ui/reference.tsx'
import { type PastAction, withAction } from './action-history.ts'
import { type TraceTime, traceUrl } from './trace-url.ts'

type Actions = {
  /** Newest first. */
  list: readonly PastAction[]
  notice: Notice | null
  dismissNotice: () => void
}

const ActionsContext = createContext<Actions>({ list: [], notice: null, dismissNotice: () => {} })

export const useActions = (): Actions => useContext(ActionsContext)

export const ActionsProvider = ({ children }: { children: ReactNode }) => {
  const queries = useQueryClient()
  const [list, setList] = useState<readonly PastAction[]>([])
  const [notice, setNotice] = useState<Notice | null>(null)
  useEffect(
    () =>
      onAction((action) => {
        // The first answer arrives before the page has switched to the new user.
        const session = action.requests > 1 ? queries.getQueryData<Session>(queryKeys.session) : undefined
        const userName = session?.user?.display_name ?? null
        setList((known) => withAction(known, { ...action, userName }))
      }),
    [queries],
  )
  const dismissNotice = useCallback(() => setNotice(null), [])
  const urlOf = useTraceUrl()
  const addressOf = useCallback(
    (traceId: string, seenAtMs: number) => urlOf({ traceId, spanId: '', startMs: seenAtMs, durationMs: 0 }),
    [urlOf],
  )
  const actions = useMemo(() => ({ list, notice, dismissNotice }), [list, notice, dismissNotice])
  return (
    <NotifyContext value={setNotice}>
      <TraceAddressContext value={addressOf}>
        <ActionsContext value={actions}>{children}</ActionsContext>
      </TraceAddressContext>
    </NotifyContext>
  )
}

/** Returns no address for a trace that is not sampled. */
export const useTraceUrl = (): ((trace: TraceTime) => string | null) => {
  const { data } = useQuery({
    queryKey: queryKeys.traceLink,
    queryFn: ({ signal }) => call(traceLink, {}, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    meta: { isSameForAll: true },
  })
  const template = data?.template
  return useCallback((trace) => (isTraceKept(trace.traceId) ? traceUrl(template, trace) : null), [template])
}
