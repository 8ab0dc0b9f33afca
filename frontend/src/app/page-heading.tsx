import type { ReactNode } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { Icon } from '../ui/icons.tsx'
import { pageTitleId } from '../ui/page-title.ts'

type Props = { title: string; children?: ReactNode; hasBack?: boolean }

export const PageHeading = ({ title, children, hasBack = false }: Props) => (
  <header className="page-head">
    {hasBack && <BackButton />}
    <h1 id={pageTitleId}>{title}</h1>
    {children && <p>{children}</p>}
  </header>
)

/** Where one came from; home, where this page was the first one. */
const BackButton = () => {
  const { key } = useLocation()
  const navigate = useNavigate()
  return (
    <button
      type="button"
      className="icon-button"
      data-trace="back"
      aria-label="Back"
      title="Back"
      onClick={() => void (key === 'default' ? navigate('/') : navigate(-1))}
    >
      <Icon name="back" />
    </button>
  )
}
