import type { HTMLAttributes, ReactNode } from 'react'
import { pageTitleId } from './page-title.ts'
import { Reference } from './reference.tsx'

type Props = {
  title: string
  children?: ReactNode
  traceId?: string | null
  retry?: (() => void) | undefined
  isTrying?: boolean
  trace?: HTMLAttributes<Element>['data-trace']
  actions?: ReactNode
  /** Whether the whole page failed, a part of it, or only something beside it. */
  size?: 'page' | 'part' | 'aside'
}

/** Says what did not work, what happens next, and the reference to report. */
export const Trouble = (props: Props) => {
  const { title, children, traceId, retry, isTrying = false, trace = 'retry', actions, size = 'part' } = props
  const isAside = size === 'aside'
  return (
    <section className={isAside ? 'small-trouble' : 'trouble'} role={isAside ? undefined : 'alert'}>
      {size === 'page' && <h1 id={pageTitleId}>{title}</h1>}
      {size === 'part' && <h2>{title}</h2>}
      <p className={isAside ? 'hint' : undefined}>{isAside ? `${title}.` : children}</p>
      <div className="trouble-actions">
        {retry && (
          <button
            type="button"
            className={isAside ? 'button button-quiet button-small' : 'button'}
            data-trace={trace}
            aria-disabled={isTrying}
            onClick={retry}
          >
            {isTrying ? 'Trying…' : 'Try again'}
          </button>
        )}
        {actions}
      </div>
      {traceId && <Reference traceId={traceId} />}
    </section>
  )
}

/** One sentence about something that failed, with the reference to report. */
export const ErrorLine = ({ children, traceId }: { children: ReactNode; traceId: string | null }) => (
  <div role="alert" className="error-line">
    <p>{children}</p>
    {traceId && <Reference traceId={traceId} />}
  </div>
)
