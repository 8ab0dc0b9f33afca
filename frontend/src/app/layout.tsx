import { useEffect, useRef, useState } from 'react'
import { Outlet, useLocation } from 'react-router'
import { Composer } from '../activities/write/composer.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { pageTitleId } from '../ui/page-title.ts'
import { ActionList } from './action-list.tsx'
import { Aside } from './aside.tsx'
import { PageBoundary } from './error-boundary.tsx'
import { isHome, Navigation } from './navigation.tsx'
import { SignalsDialog } from './signals-dialog.tsx'
import { Toast } from './toast.tsx'
import { useIsWide } from './use-is-wide.ts'
import { useScrollMemory } from './use-scroll-memory.ts'

/** What the navigation opens above the page. */
export type Panel = 'composer' | 'signals' | 'actions'

export const Layout = () => {
  const { pathname } = useLocation()
  const main = useRef<HTMLElement>(null)
  const shownPath = useRef(pathname)
  const [panel, setPanel] = useState<Panel | null>(null)
  const [isBreaking, setBreaking] = useState(false)
  const isWide = useIsWide()
  const close = () => setPanel(null)
  useScrollMemory()

  // Whoever came by the keyboard reads on in the page that came.
  useEffect(() => {
    if (shownPath.current === pathname) return
    shownPath.current = pathname
    setPanel(null)
    main.current?.focus({ preventScroll: true })
  }, [pathname])

  // Broken once: the page's boundary keeps what it caught, and trying again draws the page.
  useEffect(() => {
    if (isBreaking) setBreaking(false)
  }, [isBreaking])

  const open = (asked: Panel) => {
    if (asked !== 'composer' || !isHome(pathname)) return setPanel(asked)
    // Home has one of its own.
    main.current?.querySelector<HTMLElement>('.home-composer textarea')?.focus({ preventScroll: true })
    window.scrollTo({ top: 0 })
  }

  return (
    <>
      <button type="button" className="skip-link" data-trace="skip" onClick={() => main.current?.focus()}>
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
        {isWide && <Aside openActions={() => setPanel('actions')} />}
      </div>
      <Toast />
      <Dialog title="New crud" isOpen={panel === 'composer'} onClose={close}>
        <Composer isFocused onDone={close} />
      </Dialog>
      <Dialog title="Your last actions" isOpen={panel === 'actions'} onClose={close}>
        <ActionList />
      </Dialog>
      <SignalsDialog isOpen={panel === 'signals'} close={close} breakPage={() => setBreaking(true)} />
    </>
  )
}

const BrokenOnPurpose = (): never => {
  throw new Error('This page was broken on purpose.')
}
