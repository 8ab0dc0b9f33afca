import { useEffect, useRef, useState } from 'react'
import { Outlet, useLocation } from 'react-router'
import { pageTitleId } from '../ui/page-title.ts'
import { Aside } from './aside.tsx'
import { PageBoundary } from './error-boundary.tsx'
import { Navigation } from './navigation.tsx'
import { type Panel, Panels } from './panels.tsx'
import { isHome } from './paths.ts'
import { Toast } from './toast.tsx'
import { useScrollMemory } from './use-scroll-memory.ts'

export const Layout = () => {
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const shownPath = useRef(pathname)
  const [panel, setPanel] = useState<Panel | null>(null)
  const [isBreaking, setBreaking] = useState(false)
  useScrollMemory()

  // The keyboard and screen readers continue in the new page.
  useEffect(() => {
    if (shownPath.current === pathname) return
    shownPath.current = pathname
    setPanel(null)
    main.current?.focus({ preventScroll: true })
  }, [pathname])

  // The page breaks only once, so that "Try again" can show it.
  useEffect(() => {
    if (isBreaking) setBreaking(false)
  }, [isBreaking])

  const open = (asked: Panel) => {
    if (asked !== 'composer' || !isHome(pathname)) return setPanel(asked)
    // The home page already has a composer.
    main.current?.querySelector<HTMLElement>('.home-composer textarea')?.focus({ preventScroll: true })
    window.scrollTo({ top: 0 })
  }

  return (
    <>
      <button type="button" className="button skip-link" data-trace="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <div className="layout">
        <Navigation open={open} />
        <main id="main" className="main" ref={main} tabIndex={-1} aria-labelledby={pageTitleId}>
          <PageBoundary>
            {isBreaking && <BrokenOnPurpose />}
            <Outlet />
          </PageBoundary>
        </main>
        <Aside openActions={() => open('actions')} />
      </div>
      <Toast />
      <Panels panel={panel} close={() => setPanel(null)} breakPage={() => setBreaking(true)} />
    </>
  )
}

const BrokenOnPurpose = (): never => {
  throw new Error('This page was broken on purpose.')
}
