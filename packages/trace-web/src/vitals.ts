import { browserAttr, eventName, pageSpan, webVitalAttr } from '@cruddur/wire/names'
import { type Attributes, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Interaction } from './interaction.ts'
import { currentRoute } from './page-attributes.ts'
import { currentPage } from './page-loads.ts'

const loadMetrics: ReadonlySet<string> = new Set<Metric['name']>(['TTFB', 'FCP', 'LCP'])

/**
 * Events as the semantic conventions define them. TTFB, FCP and LCP are on the span of the load, or of the return from
 * the back/forward cache. INP and CLS are known at the end of the visit. When the page hides, they are sent in a trace
 * of their own with a link to the load. Otherwise the load's trace would last as long as the visit.
 */
export const traceVitals = (): void => {
  const waiting = new Map<Metric['name'], Metric>()
  const reportedValues = new Map<string, number>()

  const attributesOf = ({ id, name, value, rating, navigationType }: Metric): Attributes => ({
    [webVitalAttr.name]: name.toLowerCase(),
    [webVitalAttr.value]: value,
    [webVitalAttr.delta]: value - (reportedValues.get(id) ?? 0),
    [webVitalAttr.id]: id,
    [webVitalAttr.rating]: rating,
    [webVitalAttr.navigationType]: navigationType,
    // At Honeycomb an event is a row without the attributes of its span.
    ...(currentRoute() !== null && { [browserAttr.pageRoute]: currentRoute() as string }),
  })

  const markReported = ({ id, name, value }: Metric): void => {
    reportedValues.set(id, value)
    waiting.delete(name)
  }

  const reportOn = (page: Interaction): void => {
    for (const metric of waiting.values()) {
      if (!loadMetrics.has(metric.name)) continue
      const at = (metric.navigationStartTime ?? 0) + metric.value
      if (page.addEvent(eventName.webVital, attributesOf(metric), at)) markReported(metric)
    }
  }

  const reportRest = (): void => {
    const page = currentPage()
    if (document.visibilityState !== 'hidden' || waiting.size === 0 || !page) return
    const links = [{ context: page.span.spanContext() }]
    const span = trace.getTracer('web-vitals').startSpan(pageSpan.vitals, { links }, ROOT_CONTEXT)
    for (const metric of waiting.values()) {
      span.addEvent(eventName.webVital, attributesOf(metric))
      markReported(metric)
    }
    span.end()
  }

  const onMetric = (metric: Metric): void => {
    const page = currentPage()
    waiting.set(metric.name, metric)
    if (page) page.beforeEnd ??= () => reportOn(page)
  }
  onTTFB(onMetric)
  onFCP(onMetric)
  onLCP(onMetric, { reportAllChanges: true })
  onINP(onMetric)
  onCLS(onMetric)
  // web-vitals listens on the window in the capture phase, so its final values are reported first.
  document.addEventListener('visibilitychange', reportRest)
}
