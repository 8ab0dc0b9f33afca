import { isExpected } from '@cruddur/shared/errors'
import { serviceName } from '@cruddur/shared/telemetry'
import { startPage } from '@cruddur/trace-web/start'
import { apiRoutes, backendUrl, rollbar, untracedUrls, version } from './cruddur.ts'

startPage({
  service: serviceName.frontend,
  version,
  apiUrl: backendUrl,
  routes: apiRoutes,
  untraced: untracedUrls(),
  isExpected,
  sessionKey: 'cruddur.session',
  rollbar,
})
