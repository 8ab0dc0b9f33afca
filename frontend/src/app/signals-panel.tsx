import { healthCheck } from '@cruddur/shared/health'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useAccount } from '../session/account-provider.tsx'
import { pageSignals as readPageSignals } from '../telemetry/index.ts'
import { BreakMenu } from './break-menu.tsx'
import { accountOf, destinationOf, hintOf, problemOf, type SignalAccounts, statusOf } from './signal-words.ts'

const healthIntervalMs = 10_000
const pageIntervalMs = 2_000

export const SignalsPanel = ({ breakPage }: { breakPage: () => void }) => {
  const { people } = useAccount()
  const pageSignals = usePageSignals()
  const health = useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => call(healthCheck, {}, { signal }),
    refetchInterval: healthIntervalMs,
    staleTime: 0,
    meta: { isSameForAll: true },
  })
  return (
    <>
      <section className="signals" aria-labelledby="signals-of-server">
        <h3 id="signals-of-server">The server</h3>
        {health.isPending && <p className="hint">Asking the server…</p>}
        {health.isError && <p className="signals-trouble">{unanswered(health.error)}</p>}
        {health.data?.database === 'down' && (
          <p className="signals-trouble">The database is down: the server runs, but cannot load or save anything.</p>
        )}
        {health.data?.database === 'disk full' && (
          <p className="signals-trouble">
            The database’s disk is full: the server can load cruds, but cannot save any.
          </p>
        )}
        {health.data && !health.isError && <SignalList signals={health.data.signals} />}
      </section>
      <section className="signals" aria-labelledby="signals-of-page">
        <h3 id="signals-of-page">This page</h3>
        <SignalList signals={pageSignals} />
      </section>
      {people.length > 0 && <BreakMenu breakPage={breakPage} />}
    </>
  )
}

const usePageSignals = (): SignalAccounts[] => {
  const [signals, setSignals] = useState(readPageSignals)
  useEffect(() => {
    const timer = setInterval(() => setSignals(readPageSignals()), pageIntervalMs)
    return () => clearInterval(timer)
  }, [])
  return signals
}

const unanswered = (error: Error): string =>
  isApiError(error, 'offline')
    ? 'You’re offline, so the server’s signals are unknown.'
    : 'The server does not answer. Trying again…'

const SignalList = ({ signals }: { signals: readonly SignalAccounts[] }) => {
  if (signals.length === 0) return <p className="hint">No signals known.</p>
  return (
    <ul>
      {signals.map((signal) => (
        <Signal key={signal.name} signal={signal} />
      ))}
    </ul>
  )
}

const Signal = ({ signal }: { signal: SignalAccounts }) => {
  const { word, tone } = statusOf(signal)
  const [problem, hint] = [problemOf(signal), hintOf(signal)]
  return (
    <li className="signal">
      <p className="signal-head">
        <strong>{signal.name}</strong>
        <span className="signal-verdict" data-tone={tone}>
          {word}
        </span>
      </p>
      <p className="signal-where">{destinationOf(signal)}</p>
      {signal.destination && signal.created > 0 && <p className="signal-account">{accountOf(signal)}</p>}
      {problem && <p className="signal-problem">{problem}</p>}
      {hint && <p className="signal-where">{hint}</p>}
    </li>
  )
}
