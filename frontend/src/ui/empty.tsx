import type { ReactNode } from 'react'
import { pageTitleId } from './page-title.ts'

type Props = { title: string; children?: ReactNode; action?: ReactNode; isWholePage?: boolean }

/** Says why there is nothing to show, and offers a next step. */
export const Empty = ({ title, children, action, isWholePage = false }: Props) => (
  <section className="empty">
    <svg viewBox="0 0 120 120" width="120" height="120" aria-hidden="true">
      <circle className="empty-ring" cx="60" cy="60" r="42" />
      <circle className="empty-ember" cx="60" cy="18" r="6" />
    </svg>
    {isWholePage ? <h1 id={pageTitleId}>{title}</h1> : <h2>{title}</h2>}
    {children && <p>{children}</p>}
    {action}
  </section>
)
