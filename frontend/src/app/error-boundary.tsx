import { type ReactNode, useEffect, useState } from 'react'
import { ApiError } from '../api/api-error.ts'
import { RollbarErrorBoundary, referenceOf } from '../telemetry/index.ts'
import { Trouble } from '../ui/trouble.tsx'

export const ErrorBoundary = ({ children }: { children: ReactNode }) => (
  <RollbarErrorBoundary fallbackUI={BrokenPage}>{children}</RollbarErrorBoundary>
)

/** What is left when drawing the page failed: a sentence, a reference, and two ways on. */
const BrokenPage = ({ error, resetError }: { error: Error | null; resetError: () => void }) => {
  const [traceId, setTraceId] = useState<string | null>(null)
  // The boundary reports after it has drawn this.
  useEffect(() => setTraceId(error instanceof ApiError ? error.traceId : referenceOf(error)), [error])
  return (
    <div className="broken">
      <Trouble
        title="This page broke"
        isWholePage
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
