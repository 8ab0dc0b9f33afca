import './telemetry/start.ts'
import './app/first-requests.ts'
import './app/libraries.ts'
import { StrictMode, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { prefetchHomeFeed } from './activities/feed/home-feed.tsx'
import { createQueryClient } from './api/query-client.ts'
import { App } from './app/app.tsx'
import { prefetchSession } from './session/use-session.ts'

const queries = createQueryClient()

// If these answers come before React, the first drawing shows them instead of skeletons.
if (location.pathname === '/') {
  void prefetchSession(queries)
  void prefetchHomeFeed(queries)
}

// In a task of its own. A transition renders in slices of a few milliseconds, so the browser can answer clicks in
// between.
setTimeout(() => {
  const root = createRoot(document.getElementById('root') as HTMLElement)
  startTransition(() =>
    root.render(
      <StrictMode>
        <App queries={queries} />
      </StrictMode>,
    ),
  )
})
