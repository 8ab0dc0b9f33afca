import { createContext, useContext, useEffect, useState } from 'react'
import { Icon } from './icons.tsx'

type TraceAddress = (traceId: string, seenAtMs: number) => string | null

/** The link to a trace; null when no trace UI is configured. */
export const TraceAddressContext = createContext<TraceAddress>(() => null)

/** The trace id: with it an operator finds the request, its SQL and its log lines. */
export const Reference = ({ traceId }: { traceId: string }) => {
  const [isCopied, setCopied] = useState(false)
  const [seenAtMs] = useState(Date.now)
  const url = useContext(TraceAddressContext)(traceId, seenAtMs)

  useEffect(() => {
    if (!isCopied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [isCopied])

  const copy = () =>
    navigator.clipboard?.writeText(traceId).then(
      () => setCopied(true),
      () => {},
    )

  return (
    <span className="reference">
      <span>Reference</span>{' '}
      {url ? (
        <a href={url} target="_blank" rel="noopener" data-trace="see the trace">
          <code>{traceId}</code>
          <span className="visually-hidden"> (its trace, in a new tab)</span>
        </a>
      ) : (
        <code>{traceId}</code>
      )}
      <button type="button" className="reference-copy" data-trace="copy reference" onClick={() => void copy()}>
        <Icon name={isCopied ? 'check' : 'copy'} size={16} />
        <span role="status">{isCopied ? 'Copied' : ''}</span>
        {!isCopied && <span>Copy</span>}
      </button>
    </span>
  )
}
