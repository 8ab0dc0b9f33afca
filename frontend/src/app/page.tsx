import { type ReactNode, useEffect } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useUnread } from '../notifications/use-unread.ts'
import { useRoute } from '../telemetry/index.ts'
import { Icon } from '../ui/icons.tsx'
import { pageTitleId } from '../ui/page-title.ts'

type Page = {
  title: string
  /** The template that groups the spans: never a path with a user's handle. */
  route: string
}

export const usePage = ({ title, route }: Page): void => {
  const { notifications, messages } = useUnread()
  const unread = notifications + messages
  useRoute(route)
  useEffect(() => {
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${title} · Cruddur`
  }, [title, unread])
}

type Props = { title: string; children?: ReactNode; hasBack?: boolean }

export const PageHeading = ({ title, children, hasBack = false }: Props) => (
  <header className="page-head">
    {hasBack && <BackButton />}
    <h1 id={pageTitleId}>{title}</h1>
    {children && <p>{children}</p>}
  </header>
)

/** Goes home if this is the first page of the visit. */
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
