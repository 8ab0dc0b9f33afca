import { type ReactNode, useEffect, useState } from 'react'
import { useLocation } from 'react-router'
import { ApiError } from '../api/api-error.ts'
import { ErrorBoundary as FaultBoundary, referenceOf } from '../telemetry/index.ts'
import { Trouble } from '../ui/trouble.tsx'

export const ErrorBoundary = ({ children }: { children: ReactNode }) => (
  <FaultBoundary fallbackUI={BrokenPage}>{children}</FaultBoundary>
)

/** Opening another page resets it. */
export const PageBoundary = ({ children }: { children: ReactNode }) => (
  <FaultBoundary fallbackUI={BrokenRoute}>{children}</FaultBoundary>
)

type Props = { error: Error | null; resetError: () => void }

const BrokenPage = ({ error, resetError }: Props) => {
  const [traceId, setTraceId] = useState<string | null>(null)
  // The boundary reports the error after this has rendered.
  useEffect(() => setTraceId(error instanceof ApiError ? error.traceId : referenceOf(error)), [error])
  return (
    <div className="broken">
      <Trouble
        title="This page broke"
        size="page"
        traceId={traceId}
        retry={resetError}
        actions={
          <a className="button button-quiet" href="/">
            Go home
          </a>
        }
      >
        Something went wrong while showing this page. What you wrote is kept. Try again, or go home.
      </Trouble>
    </div>
  )
}

const BrokenRoute = ({ error, resetError }: Props) => {
  const { key } = useLocation()
  const [brokenAt] = useState(key)
  useEffect(() => {
    if (key !== brokenAt) resetError()
  }, [key, brokenAt, resetError])
  return <BrokenPage error={error} resetError={resetError} />
}
