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

// As a transition, the first drawing is done a few milliseconds at a time: the browser is never kept from an answer for long.
startTransition(() =>
  root.render(
    <StrictMode>
      <App />
    </StrictMode>,
  ),
)
