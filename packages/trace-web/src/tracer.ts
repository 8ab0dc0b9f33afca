import { relayPath } from '@cruddur/wire/names'
import { context, propagation, trace } from '@opentelemetry/api'
import { traceFetch } from '#fetch'
import { createProvider, type SpanProcessor } from '#sdk'
import { traceFaults } from './catch-faults.ts'
import { plainListen } from './context/outside.ts'
import { reportFaultsTo } from './faults.ts'
import { FetchNames } from './fetch-spans.ts'
import { ignoringErrors } from './ignoring-errors.ts'
import { InteractionProcessor } from './interaction.ts'
import { traceInteractions } from './interactions.ts'
import { sendBeforeLeaving } from './leave.ts'
import { LiveContextManager } from './live-context.ts'
import type { PageOptions } from './options.ts'
import { PageAttributes } from './page-attributes.ts'
import { traceLoad, traceRestores } from './page-loads.ts'
import { PagePropagator } from './page-propagator.ts'
import { RecentSpans } from './recent-spans.ts'
import { pageAttributes } from './resource.ts'
import { openSession } from './session.ts'
import { heldSpans, spanQueue } from './signals.ts'
import { tryAgain } from './try-again.ts'

/** Puts the parts of this package together. A page with its own provider takes them one by one. */
export const startTracer = (options: PageOptions): void => {
  const { relayUrl = relayPath, untraced = [], reports } = options
  const spanProcessors = [
    new FetchNames(options),
    new PageAttributes(openSession(options.sessionKey)),
    heldSpans,
    new InteractionProcessor(),
    new RecentSpans(),
  ].map(withoutThrowing)
  context.setGlobalContextManager(new LiveContextManager().enable())
  propagation.setGlobalPropagator(new PagePropagator())
  trace.setGlobalTracerProvider(createProvider({ attributes: pageAttributes(options), spanProcessors }))

  traceLoad((load) => {
    const start = async () => {
      const { startAfterLoad } = await import('./after-load.ts')
      startAfterLoad(load, options)
    }
    return start().catch(() => void tryAgain(start))
  })
  traceRestores()
  traceInteractions()
  traceFetch({
    propagateTo: options.propagateTo,
    untraced: [relayUrl, ...(reports?.destination ? [reports.destination] : []), ...untraced],
  })
  reportFaultsTo(reports)
  traceFaults()
  plainListen('online', () => spanQueue.sendNow())
  sendBeforeLeaving(() => {
    heldSpans.release()
    spanQueue.flush()
  })
}

/** Spans start and end inside the page's own calls. An error in telemetry must not break those calls. */
const withoutThrowing = (processor: SpanProcessor): SpanProcessor => ({
  onStart: (span, context) => ignoringErrors(() => processor.onStart(span, context)),
  onEnd: (span) => ignoringErrors(() => processor.onEnd(span)),
  forceFlush: () => processor.forceFlush(),
  shutdown: () => processor.shutdown(),
})
