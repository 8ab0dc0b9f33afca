import './telemetry/start.ts'
import { StrictMode, startTransition } from 'react'
import { createRoot } from 'react-dom/client'
import './ui/base.css'
import './ui/ui.css'
import './app/app.css'
import './activities/activities.css'
import './users/users.css'
import './notifications/notifications.css'
import './session/session.css'
import './messages/messages.css'
import { App } from './app/app.tsx'

const root = createRoot(document.getElementById('root') as HTMLElement)

// A transition renders in slices of a few milliseconds, so the browser can answer clicks in between.
startTransition(() =>
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
)
