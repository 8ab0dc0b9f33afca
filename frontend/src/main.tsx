import './telemetry/start.ts'
import './app/first-requests.ts'
import './app/libraries.ts'
import { StrictMode, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'

// After the scripts, in a task of its own. A transition renders in slices of a few milliseconds, so the browser can
// answer clicks in between.
setTimeout(() => {
  const root = createRoot(document.getElementById('root') as HTMLElement)
  startTransition(() =>
    root.render(
      <StrictMode>
        <App />
      </StrictMode>,
    ),
  )
})
