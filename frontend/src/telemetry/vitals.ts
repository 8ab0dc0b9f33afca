import { browserAttr } from '@cruddur/shared/telemetry'
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Interaction } from './interaction.ts'

/**
 * TTFB, FCP and LCP are stretches of the page load and lie in its trace. INP and CLS are the worst of the whole visit:
 * they are roots of their own, linked to it.
 */
export const traceVitals = (pageLoad: Interaction): void => {
  const tracer = trace.getTracer('web-vitals')

  const report = (metric: Metric, startTime: number, endTime: number, ofVisit: boolean) => {
    const links = ofVisit ? [{ context: pageLoad.span.spanContext() }] : []
    const attributes = {
      [browserAttr.vitalName]: metric.name,
      [browserAttr.vitalValue]: metric.value,
      [browserAttr.vitalRating]: metric.rating,
    }
    tracer
      .startSpan(`vital ${metric.name}`, { startTime, links, attributes }, ofVisit ? ROOT_CONTEXT : pageLoad.context)
      .end(endTime)
  }

  const ofLoad = (metric: Metric) => report(metric, 0, metric.value, false)
  const ofVisit = (metric: Metric) => {
    const startTime = metric.entries[0]?.startTime ?? performance.now()
    report(metric, startTime, startTime + (metric.name === 'INP' ? metric.value : 0), true)
  }
  onTTFB(ofLoad)
  onFCP(ofLoad)
  onLCP(ofLoad)
  onINP(ofVisit)
  onCLS(ofVisit)
}
