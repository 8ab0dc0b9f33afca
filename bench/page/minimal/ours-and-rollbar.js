// packages/trace-web/README.md
import { startPage } from '@cruddur/trace-web/react'
import { rollbar } from '@cruddur/trace-web/rollbar'
import { ErrorBoundary, RollbarProvider } from '@cruddur/trace-web/rollbar-react'
import { createElement } from 'react'

startPage({
  service: 'shop-web',
  reports: rollbar({ accessToken: 'a-token', endpoint: `${import.meta.env.VITE_SINK}/api/1/item/` }),
})

export const Frame = ({ children }) =>
  createElement(RollbarProvider, null, createElement(ErrorBoundary, null, children))
