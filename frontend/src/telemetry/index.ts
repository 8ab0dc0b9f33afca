import type { BackgroundAction, OwnAction } from '@cruddur/shared/telemetry'
import * as page from '@cruddur/trace-web'

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
} from '@cruddur/trace-web'
export { RollbarErrorBoundary, RollbarProvider, rollbar } from '@cruddur/trace-web/react'

export const { withInteraction, inBackground, inTrace } = page.actions<OwnAction, BackgroundAction>()
