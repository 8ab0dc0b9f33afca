import type { BackgroundAction, OwnAction } from '@cruddur/shared/telemetry'
import { actions } from '@cruddur/trace-web'

export {
  type Action,
  currentCause,
  currentTraceId,
  isTraceKept,
  onAction,
  onFault,
  outsideOfInteractions,
  pageSignals,
  referenceOf,
  setRoute,
  setUser,
  traceImport,
} from '@cruddur/trace-web'
export { useRoute } from '@cruddur/trace-web/react'
export { ErrorBoundary, RollbarProvider } from '@cruddur/trace-web/rollbar-react'

export const { withInteraction, inBackground, inTrace } = actions<OwnAction, BackgroundAction>()
