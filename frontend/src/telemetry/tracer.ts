import { healthCheck } from '@cruddur/shared/health'
import { relayPath } from '@cruddur/shared/telemetry'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { apiRoutes } from './api-routes.ts'
import { carryThroughIdleCallbacks, carryThroughMessagePorts, carryThroughReactScheduler } from './carry-context.ts'
import { traceErrors } from './errors.ts'
import { FetchNames, traceFetch } from './fetch-spans.ts'
import { withoutThrowing } from './guarded.ts'
import { InteractionProcessor } from './interaction.ts'
import { traceInteractions } from './interactions.ts'
import { sendBeforeLeaving } from './leave.ts'
import { LiveContextManager } from './live-context.ts'
import { PageAttributes } from './page-attributes.ts'
import { traceLoad, traceRestores } from './page-loads.ts'
import { RecentSpans } from './recent-spans.ts'
import { pageResource } from './resource.ts'
import { rollbarEndpoint } from './rollbar-settings.ts'
import { createSession, tabStorage } from './session.ts'
import { heldSpans, queue } from './signal-state.ts'
import { tryAgain } from './try-again.ts'

export const startTracer = (): void => {
  const { VITE_BACKEND_URL, SERVICE_VERSION } = import.meta.env
  const relay = new URL(relayPath, location.origin).href
  // The Signals dialog repeats this request for as long as it is open.
  const health = new URL(healthCheck.path, VITE_BACKEND_URL || location.origin).href
  new WebTracerProvider({
    resource: pageResource(SERVICE_VERSION),
    spanProcessors: [
      new FetchNames(apiRoutes),
      new PageAttributes(createSession(tabStorage())),
      heldSpans,
      new InteractionProcessor(),
      new RecentSpans(),
    ].map(withoutThrowing),
  }).register({ contextManager: new LiveContextManager(), propagator: new W3CTraceContextPropagator() })

  traceLoad((load) => {
    const start = async () => {
      const { startAfterLoad } = await import('./after-load.ts')
      startAfterLoad(queue, load, relay)
    }
    return start().catch(() => void tryAgain(start))
  })
  traceRestores()
  traceInteractions()
  carryThroughReactScheduler()
  carryThroughIdleCallbacks()
  carryThroughMessagePorts()
  traceFetch({
    backendUrl: VITE_BACKEND_URL,
    untracedUrls: [relay, health, rollbarEndpoint].filter((url) => url !== null),
  })
  traceErrors()
  sendBeforeLeaving()
}
