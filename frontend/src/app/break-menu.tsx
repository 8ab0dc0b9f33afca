import { rollbarTest } from '@cruddur/shared/health'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { onFault } from '../telemetry/index.ts'
import { Reference } from '../ui/reference.tsx'
import { useTraceUrl } from './use-trace-link.ts'

type Broken = { what: string; traceId: string; startMs: number }

/** For who wants to see a fault arrive: each of these is one click, one trace, one report. */
export const BreakMenu = ({ breakPage }: { breakPage: () => void }) => {
  const [broken, setBroken] = useState<Broken | null>(null)

  useEffect(
    () =>
      onFault(({ kind, traceId }) => {
        if (kind === 'unhandled rejection') setBroken({ what: 'A promise broke.', traceId, startMs: Date.now() })
      }),
    [],
  )

  const server = useMutation({
    mutationFn: () => call(rollbarTest, {}),
    onError: (error) => {
      const traceId = error instanceof ApiError ? error.traceId : null
      if (traceId) setBroken({ what: `The server said: ${error.message}`, traceId, startMs: Date.now() })
    },
  })

  return (
    <section className="signals" aria-labelledby="break-title">
      <h3 id="break-title">Break something</h3>
      <p className="hint">Each is one click, one trace, one report.</p>
      <div className="break-buttons">
        <button type="button" className="button button-quiet" data-trace="break this page" onClick={breakPage}>
          Break this page
        </button>
        <button
          type="button"
          className="button button-quiet"
          data-trace="break a promise"
          onClick={() => void Promise.reject(new Error('This promise was broken on purpose.'))}
        >
          Break a promise
        </button>
        <button
          type="button"
          className="button button-quiet"
          data-trace="break the server"
          aria-disabled={server.isPending}
          onClick={() => !server.isPending && server.mutate()}
        >
          Break the server
        </button>
      </div>
      <div role="status">{broken && <Outcome broken={broken} />}</div>
    </section>
  )
}

const Outcome = ({ broken: { what, traceId, startMs } }: { broken: Broken }) => {
  const url = useTraceUrl()({ traceId, spanId: '', startMs, durationMs: 0 })
  const element = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: every outcome is brought into view.
  useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' })
  }, [traceId])
  return (
    <div className="break-outcome" ref={element}>
      <p>{what}</p>
      <Reference traceId={traceId} />
      {url && (
        <a href={url} target="_blank" rel="noopener" data-trace="see the trace">
          See the trace<span className="visually-hidden"> (in a new tab)</span>
        </a>
      )}
    </div>
  )
}
