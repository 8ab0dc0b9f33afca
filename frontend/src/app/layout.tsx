import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, Outlet, useLocation } from 'react-router'
import { ActorButton } from '../session/actor-button.tsx'
import { ActorCard } from '../session/actor-card.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Logo } from '../ui/logo.tsx'
import { useOnline } from '../ui/use-online.ts'
import { ActionList } from './action-list.tsx'
import { ErrorBoundary } from './error-boundary.tsx'
import { SignalsButton } from './signals-button.tsx'
import { ThemeButton } from './theme-button.tsx'
import { Toast } from './toast.tsx'

export const Layout = () => {
  const { pathname, key } = useLocation()
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  const [isBreaking, setBreaking] = useState(false)

  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is read from its beginning.
  useEffect(() => {
    if (isFirst.current) {
      isFirst.current = false
      return
    }
    window.scrollTo(0, 0)
    main.current?.focus({ preventScroll: true })
  }, [pathname])

  // Broken once: the page's boundary keeps what it caught, and trying again draws the page.
  useEffect(() => {
    if (isBreaking) setBreaking(false)
  }, [isBreaking])

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the feed
      </a>
      <div className="layout">
        <Navigation breakPage={() => setBreaking(true)} />
        <main id="main" className="main" ref={main} tabIndex={-1}>
          <ErrorBoundary key={key}>
            {isBreaking && <BrokenOnPurpose />}
            <Outlet />
          </ErrorBoundary>
        </main>
        <aside className="aside" aria-label="You and your actions">
          <ActorCard />
          <section className="card" aria-labelledby="last-actions-title">
            <h2 id="last-actions-title">Your last actions</h2>
            <ActionList />
          </section>
          <p className="colophon">Every action here is one trace, from your click to the SQL statement.</p>
        </aside>
      </div>
      <Toast />
    </>
  )
}

const BrokenOnPurpose = (): never => {
  throw new Error('This page was broken on purpose.')
}

const Navigation = ({ breakPage }: { breakPage: () => void }) => {
  const queries = useQueryClient()
  const { pathname } = useLocation()
  const [isListOpen, setListOpen] = useState(false)

  const goHome = () => {
    if (pathname !== '/') return
    window.scrollTo({ top: 0 })
    void queries.invalidateQueries({ queryKey: ['activities'] })
  }

  return (
    <header className="bar">
      <Link to="/" className="brand" data-trace="home" onClick={goHome}>
        <Logo />
        <span className="brand-name">Cruddur</span>
      </Link>
      <nav className="bar-items" aria-label="Main">
        <Link
          to="/"
          className="bar-item"
          data-trace="home"
          aria-current={pathname === '/' ? 'page' : undefined}
          onClick={goHome}
        >
          <Icon name="home" size={24} />
          <span className="bar-label">Home</span>
        </Link>
        <span className="narrow-only">
          <ActorButton />
        </span>
        <span className="narrow-only">
          <button
            type="button"
            className="bar-item"
            data-trace="actions"
            aria-haspopup="dialog"
            onClick={() => setListOpen(true)}
          >
            <Icon name="trace" size={24} />
            <span className="bar-label">Actions</span>
          </button>
        </span>
        <SignalsButton breakPage={breakPage} />
        <ThemeButton />
      </nav>
      <BarFoot />
      <Dialog title="Your last actions" isOpen={isListOpen} onClose={() => setListOpen(false)}>
        <ActionList />
      </Dialog>
    </header>
  )
}

const BarFoot = () => {
  const isOnline = useOnline()
  return (
    <div role="status" className="bar-foot">
      {isOnline ? (
        <p className="bar-motto">Posts that know when to leave.</p>
      ) : (
        <p className="offline">
          <Icon name="offline" size={24} />
          <span>
            <strong>Offline</strong>
            <span className="offline-more">: read on; likes cannot be saved until you are back.</span>
          </span>
        </p>
      )}
    </div>
  )
}
