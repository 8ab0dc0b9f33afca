import { type SpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web'
import { listenForRejections } from '#context'
import { carryThroughReactScheduler } from './carry-context.ts'
import { traceFaults } from './faults.ts'
import { FetchNames, traceFetch } from './fetch-spans.ts'
import { InteractionProcessor } from './interaction.ts'
import { traceInteractions } from './interactions.ts'
import { sendBeforeLeaving } from './leave.ts'
import { LiveContextManager } from './live-context.ts'
import type { PageOptions } from './options.ts'
import { PageAttributes } from './page-attributes.ts'
import { traceLoad, traceRestores } from './page-loads.ts'
import { RecentSpans } from './recent-spans.ts'
import { pageResource } from './resource.ts'
import { createSession, openSession, tabStorage } from './session.ts'
import { heldSpans, relayUrl } from './signals.ts'
import { tryAgain } from './try-again.ts'
import { VisitPropagator } from './visit-propagator.ts'

export const startTracer = (options: PageOptions): void => {
  const { apiUrl, routes = [], untraced = [], sessionKey = 'session', rollbar } = options
  const untracedUrls = [relayUrl(), rollbar?.endpoint, ...untraced].filter((url) => typeof url === 'string')
  const session = createSession(tabStorage(sessionKey), sessionKey)
  openSession(session)
  new WebTracerProvider({
    resource: pageResource(options),
    spanProcessors: [
      new FetchNames(routes),
      new PageAttributes(session),
      heldSpans,
      new InteractionProcessor(),
      new RecentSpans(),
    ].map(withoutThrowing),
  }).register({ contextManager: new LiveContextManager(), propagator: new VisitPropagator() })

  traceLoad((load) => {
    const start = async () => {
      const { startAfterLoad } = await import('./after-load.ts')
      startAfterLoad(load)
    }
    return start().catch(() => void tryAgain(start))
  })
  traceRestores()
  traceInteractions()
  carryThroughReactScheduler()
  traceFetch({ apiUrl, untracedUrls })
  traceFaults(listenForRejections)
  sendBeforeLeaving()
}

/** Spans start and end inside the page's own calls. An error in telemetry must not break those calls. */
const withoutThrowing = (processor: SpanProcessor): SpanProcessor => ({
  onStart: (span, context) => ignoringErrors(() => processor.onStart(span, context)),
  onEnd: (span) => ignoringErrors(() => processor.onEnd(span)),
  forceFlush: () => processor.forceFlush(),
  shutdown: () => processor.shutdown(),
})

const ignoringErrors = (run: () => void): void => {
  try {
    run()
  } catch {}
}
