import { type ReactNode, useEffect, useState } from 'react'
import { useLocation } from 'react-router'
import { ApiError } from '../api/api-error.ts'
import { RollbarErrorBoundary, referenceOf } from '../telemetry/index.ts'
import { Trouble } from '../ui/trouble.tsx'

export const ErrorBoundary = ({ children }: { children: ReactNode }) => (
  <RollbarErrorBoundary fallbackUI={BrokenPage}>{children}</RollbarErrorBoundary>
)

/** Around a page: going to another one is a way out of a broken one. */
export const PageBoundary = ({ children }: { children: ReactNode }) => (
  <RollbarErrorBoundary fallbackUI={BrokenRoute}>{children}</RollbarErrorBoundary>
)

type Props = { error: Error | null; resetError: () => void }

/** What is left when drawing the page failed: a sentence, a reference, and two ways on. */
const BrokenPage = ({ error, resetError }: Props) => {
  const [traceId, setTraceId] = useState<string | null>(null)
  // The boundary reports after it has drawn this.
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
        Something here could not be drawn. What you did before is saved; try again, or start over from home.
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
