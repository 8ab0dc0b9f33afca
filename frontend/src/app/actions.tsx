import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import { type Action, onAction } from '../telemetry/index.ts'
import { type Notice, NotifyContext } from '../ui/notify.ts'
import { TraceAddressContext } from '../ui/reference.tsx'
import { withAction } from './action-history.ts'
import { useTraceUrl } from './use-trace-link.ts'

type Actions = {
  /** Newest first. */
  list: readonly Action[]
  notice: Notice | null
  dismissNotice: () => void
}

const ActionsContext = createContext<Actions>({ list: [], notice: null, dismissNotice: () => {} })

export const useActions = (): Actions => useContext(ActionsContext)

export const ActionsProvider = ({ children }: { children: ReactNode }) => {
  const [list, setList] = useState<readonly Action[]>([])
  const [notice, setNotice] = useState<Notice | null>(null)
  useEffect(() => onAction((action) => setList((known) => withAction(known, action))), [])
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
