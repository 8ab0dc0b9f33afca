import { rollbarTest } from '@cruddur/shared/health'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { traceIdOf } from '../api/api-error.ts'
import { call } from '../api/call.ts'
import { onFault } from '../telemetry/index.ts'
import { Reference } from '../ui/reference.tsx'

type Broken = { what: string; traceId: string }

export const BreakMenu = ({ breakPage }: { breakPage: () => void }) => {
  const [broken, setBroken] = useState<Broken | null>(null)

  useEffect(
    () =>
      onFault(({ kind, traceId }) => {
        if (kind === 'unhandled rejection') setBroken({ what: 'The promise broke.', traceId })
      }),
    [],
  )

  const server = useMutation({
    mutationFn: () => call(rollbarTest, {}),
    onError: (error) => {
      const traceId = traceIdOf(error)
      if (traceId) setBroken({ what: `The server said: ${error.message}`, traceId })
    },
  })

  return (
    <section className="signals" aria-labelledby="break-title">
      <h3 id="break-title">Break something</h3>
      <p className="hint">Each click makes one trace and one error report.</p>
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

const Outcome = ({ broken: { what, traceId } }: { broken: Broken }) => {
  const element = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls every new outcome into view.
  useEffect(() => {
    element.current?.scrollIntoView({ block: 'nearest' })
  }, [traceId])
  return (
    <div className="break-outcome" ref={element}>
      <p>{what}</p>
      <Reference traceId={traceId} />
    </div>
  )
}
