import type { ReactNode } from 'react'
import { Reference } from './reference.tsx'

type Props = {
  title: string
  children: ReactNode
  traceId?: string | null
  retry?: (() => void) | undefined
  isTrying?: boolean
  actions?: ReactNode
}

/** Something did not work: what, what now, and the reference under which it can be found. */
export const Trouble = ({ title, children, traceId, retry, isTrying = false, actions }: Props) => (
  <section className="trouble" role="alert">
    <h2>{title}</h2>
    <p>{children}</p>
    <div className="trouble-actions">
      {retry && (
        <button type="button" className="button" data-trace="retry" aria-disabled={isTrying} onClick={retry}>
          {isTrying ? 'Trying…' : 'Try again'}
        </button>
      )}
      {actions}
    </div>
    {traceId && <Reference traceId={traceId} />}
  </section>
)
