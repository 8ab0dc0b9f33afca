import { useEffect, useRef } from 'react'
import { follow, useAddress } from './address.ts'
import { FaultPanel } from './fault-panel.tsx'
import { HelpDialog } from './help-dialog.tsx'
import { useConnected } from './live.ts'
import { RecentTraces } from './recent-traces.tsx'
import { ThemeToggle } from './theme-toggle.tsx'
import { BackLink, TracePage } from './trace-page.tsx'
import { useShortcuts } from './use-shortcuts.ts'

export const App = () => {
  const { pathname } = useAddress()
  const connected = useConnected()
  const help = useRef<HTMLDialogElement>(null)
  const traceId = /^\/traces\/([^/]+)$/.exec(pathname)?.[1]?.toLowerCase()
  const openHelp = () => help.current?.showModal()
  useShortcuts({ '?': openHelp })

  return (
    <>
      <header className="masthead">
        <a className="brand" href="/" onClick={follow}>
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <rect className="mark-browser" x="2" y="4" width="28" height="6" rx="3" />
            <rect className="mark-server" x="8" y="13" width="20" height="6" rx="3" />
            <rect className="mark-sql" x="16" y="22" width="9" height="6" rx="3" />
          </svg>
          <span>Observatory</span>
        </a>
        <div className="masthead-tools">
          <span className={connected ? 'live is-on' : 'live'} role="status">
            {connected ? 'Live' : 'Not connected'}
          </span>
          <FaultPanel />
          <ThemeToggle />
          <button type="button" className="icon-button" aria-label="Keys" onClick={openHelp}>
            ?
          </button>
        </div>
      </header>
      {traceId ? (
        <TracePage key={traceId} traceId={traceId} />
      ) : pathname === '/' ? (
        <RecentTraces />
      ) : (
        <NotFound path={pathname} />
      )}
      <HelpDialog ref={help} />
    </>
  )
}

const NotFound = ({ path }: { path: string }) => {
  useEffect(() => {
    document.title = 'Not found · Observatory'
  }, [])
  return (
    <main className="page">
      <BackLink />
      <section className="empty">
        <h1>Page not found</h1>
        <p>The address of a trace is /traces/ and its full id.</p>
        <code>{path}</code>
      </section>
    </main>
  )
}
