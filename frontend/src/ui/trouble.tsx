import type { ReactNode } from 'react'
import { pageTitleId } from './page-title.ts'
import { Reference } from './reference.tsx'

type Props = {
  title: string
  children: ReactNode
  traceId?: string | null
  retry?: (() => void) | undefined
  isTrying?: boolean
  actions?: ReactNode
  /** Where it is all that there is to read. */
  isWholePage?: boolean
}

/** Something did not work: what, what now, and the reference under which it can be found. */
export const Trouble = ({ title, children, traceId, retry, isTrying = false, actions, isWholePage }: Props) => (
  <section className="trouble" role="alert">
    {isWholePage ? <h1 id={pageTitleId}>{title}</h1> : <h2>{title}</h2>}
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
