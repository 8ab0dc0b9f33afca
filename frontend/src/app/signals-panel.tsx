import { healthCheck } from '@cruddur/shared/health'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { isApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { queryKeys } from '../api/query-keys.ts'
import { useAccount } from '../session/account-provider.tsx'
import { pageSignals } from '../telemetry/index.ts'
import { BreakMenu } from './break-menu.tsx'
import { accountOf, hintOf, problemOf, type SignalAccounts, verdictOf, whereTo } from './signal-words.ts'

const askedAgainMs = 10_000
const lookedAgainMs = 2_000

/** Where every stream of telemetry goes, and what became of it; asked for only while somebody looks. */
export const SignalsPanel = ({ breakPage }: { breakPage: () => void }) => {
  const { people } = useAccount()
  const ofPage = usePageSignals()
  const health = useQuery({
    queryKey: queryKeys.health,
    queryFn: ({ signal }) => call(healthCheck, {}, { signal }),
    refetchInterval: askedAgainMs,
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
          <p className="signals-trouble">The database is down: the server answers, but has no cruds to give.</p>
        )}
        {health.data?.database === 'disk full' && (
          <p className="signals-trouble">The disk of the database is full: the server can give cruds, but take none.</p>
        )}
        {health.data && !health.isError && <SignalList signals={health.data.signals} />}
      </section>
      <section className="signals" aria-labelledby="signals-of-page">
        <h3 id="signals-of-page">This page</h3>
        <SignalList signals={ofPage} />
      </section>
      {people.length > 0 && <BreakMenu breakPage={breakPage} />}
    </>
  )
}

const usePageSignals = (): SignalAccounts[] => {
  const [signals, setSignals] = useState(pageSignals)
  useEffect(() => {
    const timer = setInterval(() => setSignals(pageSignals()), lookedAgainMs)
    return () => clearInterval(timer)
  }, [])
  return signals
}

const unanswered = (error: Error): string =>
  isApiError(error, 'offline')
    ? 'You are offline: what the server sends is not known just now.'
    : 'The server does not answer: what it sends is not known just now. This keeps asking.'

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
  const { word, tone } = verdictOf(signal)
  const [problem, hint] = [problemOf(signal), hintOf(signal)]
  return (
    <li className="signal">
      <p className="signal-head">
        <strong>{signal.name}</strong>
        <span className="signal-verdict" data-tone={tone}>
          {word}
        </span>
      </p>
      <p className="signal-where">{whereTo(signal)}</p>
      {signal.destination && signal.created > 0 && <p className="signal-account">{accountOf(signal)}</p>}
      {problem && <p className="signal-problem">{problem}</p>}
      {hint && <p className="signal-where">{hint}</p>}
    </li>
  )
}
