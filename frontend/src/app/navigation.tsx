import type { PageAct } from '@cruddur/shared/telemetry'
import { useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, type To, useLocation } from 'react-router'
import { queryKeys } from '../api/query-keys.ts'
import { useUnread } from '../notifications/use-unread.ts'
import { useAccount } from '../session/account-provider.tsx'
import { Badge } from '../ui/badge.tsx'
import { Icon, type IconName } from '../ui/icons.tsx'
import { Logo } from '../ui/logo.tsx'
import { useOnline } from '../ui/use-online.ts'
import { AccountMenu } from './account-menu.tsx'
import type { Panel } from './panels.tsx'
import { accountPath, isHome } from './paths.ts'
import { useTheme } from './use-theme.ts'

type Props = { open: (panel: Panel) => void }

export const Navigation = ({ open }: Props) => {
  const location = useLocation()
  const { pathname } = location
  const { user } = useAccount()
  const { other, change } = useTheme()
  const refresh = useRefresh()
  const unread = useUnread()
  const profile = user ? `/@${user.handle}` : null
  return (
    <header className="bar">
      <Link to="/" className="brand" data-trace="home" onClick={refresh}>
        <Logo />
        <span className="brand-name">Cruddur</span>
      </Link>
      <nav className="bar-items" aria-label="Main">
        <BarLink to="/" icon="home" label="Home" trace="home" isHere={isHome(pathname)} onClick={refresh} />
        <BarLink to="/search" icon="search" label="Search" trace="search page" isHere={pathname === '/search'} />
        <button type="button" className="bar-item phone-only" data-trace="compose" onClick={() => open('composer')}>
          <span className="bar-crud">
            <Icon name="pen" size={24} />
          </span>
          <span className="bar-label">Crud</span>
        </button>
        <BarLink
          to="/notifications"
          icon="bell"
          label="Notifications"
          trace="notifications"
          isHere={pathname === '/notifications'}
          unread={unread.notifications}
        />
        <BarLink
          to="/messages"
          icon="mail"
          label="Messages"
          trace="messages"
          isHere={pathname.startsWith('/messages')}
          unread={unread.messages}
        />
        <BarLink
          to={profile ?? accountPath('/signin', location)}
          icon="person"
          label="Profile"
          trace="profile"
          isHere={profile === pathname}
          className="not-phone"
        />
        <button
          type="button"
          className="button crud-button not-phone"
          data-trace="compose"
          onClick={() => open('composer')}
        >
          <Icon name="pen" />
          <span className="bar-label">Crud</span>
        </button>
        <BarButton icon="trace" label="Actions" trace="actions" className="rail-only" onClick={() => open('actions')} />
        <BarButton
          icon="signals"
          label="Signals"
          trace="signals"
          className="not-phone"
          onClick={() => open('signals')}
        />
        <BarButton
          icon={other === 'light' ? 'sun' : 'moon'}
          label={other === 'light' ? 'Light theme' : 'Dark theme'}
          trace="theme"
          className="not-phone"
          hasPopup={false}
          onClick={change}
        />
      </nav>
      <BarFoot />
      <AccountMenu open={open} />
    </header>
  )
}

/** A click on Home at home scrolls up and refreshes the feed. */
const useRefresh = () => {
  const queries = useQueryClient()
  const { pathname } = useLocation()
  return () => {
    if (pathname !== '/') return
    window.scrollTo({ top: 0 })
    void queries.invalidateQueries({ queryKey: queryKeys.homeFeeds })
  }
}

type BarLinkProps = {
  to: To
  icon: IconName
  label: string
  trace: PageAct
  isHere: boolean
  className?: string
  onClick?: () => void
  unread?: number
}

const BarLink = ({ to, icon, label, trace, isHere, className = '', onClick, unread = 0 }: BarLinkProps) => (
  <Link
    to={to}
    className={`bar-item ${className}`}
    data-trace={trace}
    title={label}
    aria-current={isHere ? 'page' : undefined}
    onClick={onClick}
  >
    <BarIcon icon={icon}>
      <Badge count={unread} label="unread" />
    </BarIcon>
    <span className="bar-label">{label}</span>
  </Link>
)

type BarButtonProps = {
  icon: IconName
  label: string
  trace: PageAct
  className: string
  hasPopup?: boolean
  onClick: () => void
}

const BarButton = ({ icon, label, trace, className, hasPopup = true, onClick }: BarButtonProps) => (
  <button
    type="button"
    className={`bar-item ${className}`}
    data-trace={trace}
    title={label}
    aria-haspopup={hasPopup ? 'dialog' : undefined}
    onClick={onClick}
  >
    <BarIcon icon={icon} />
    <span className="bar-label">{label}</span>
  </button>
)

const BarIcon = ({ icon, children }: { icon: IconName; children?: ReactNode }) => (
  <span className="badged">
    <Icon name={icon} size={24} />
    {children}
  </span>
)

const BarFoot = () => {
  const isOnline = useOnline()
  return (
    <div role="status" className="bar-foot">
      {!isOnline && (
        <p className="offline" title="You are offline">
          <Icon name="offline" size={24} />
          <span>
            <strong>Offline</strong>
            <span className="offline-more">: you can keep reading. Your texts are sent when you’re back.</span>
          </span>
        </p>
      )}
    </div>
  )
}
