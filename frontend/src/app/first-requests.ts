import { homeFeed } from '@cruddur/shared/activities'
import { readSession } from '@cruddur/shared/session'
import { callAhead } from '../api/call.ts'
import { setRoute } from '../telemetry/index.ts'

// The rest of the application is three times as large as the code up to here, so the feed does not wait for it.
if (location.pathname === '/') {
  setRoute('/')
  callAhead(readSession, {})
  callAhead(homeFeed, { feed: 'everyone' })
}
