import { browserAttr, eventName, pageSpan, webVitalAttr } from '@cruddur/shared/telemetry'
import { type Attributes, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { type Metric, onCLS, onFCP, onINP, onLCP, onTTFB } from 'web-vitals'
import type { Interaction } from './interaction.ts'
import { currentPage } from './live-context.ts'
import { currentRoute } from './page-attributes.ts'

const ofLoad: ReadonlySet<string> = new Set<Metric['name']>(['TTFB', 'FCP', 'LCP'])

/**
 * Events in the form of the conventions. TTFB, FCP and LCP lie on the span of the page's load, or of its return from the
 * back/forward cache. INP and CLS are the worst of the whole visit, long after that span: once it is hidden they come in one
 * root, linked to it, or the load's trace would last as long as the visit.
 */
export const traceVitals = (): void => {
  const waiting = new Map<Metric['name'], Metric>()
  const toldBefore = new Map<string, number>()

  const attributesOf = ({ id, name, value, rating, navigationType }: Metric): Attributes => ({
    [webVitalAttr.name]: name.toLowerCase(),
    [webVitalAttr.value]: value,
    [webVitalAttr.delta]: value - (toldBefore.get(id) ?? 0),
    [webVitalAttr.id]: id,
    [webVitalAttr.rating]: rating,
    [webVitalAttr.navigationType]: navigationType,
    // Honeycomb's rows of events have nothing of their span's.
    ...(currentRoute() !== null && { [browserAttr.pageRoute]: currentRoute() as string }),
  })

  const told = ({ id, name, value }: Metric): void => {
    toldBefore.set(id, value)
    waiting.delete(name)
  }

  const tellOn = (page: Interaction): void => {
    for (const metric of waiting.values()) {
      if (!ofLoad.has(metric.name)) continue
      const at = (metric.navigationStartTime ?? 0) + metric.value
      if (page.addEvent(eventName.webVital, attributesOf(metric), at)) told(metric)
    }
  }

  const tellTheRest = (): void => {
    const page = currentPage()
    if (document.visibilityState !== 'hidden' || waiting.size === 0 || !page) return
    const links = [{ context: page.span.spanContext() }]
    const span = trace.getTracer('web-vitals').startSpan(pageSpan.vitals, { links }, ROOT_CONTEXT)
    for (const metric of waiting.values()) {
      span.addEvent(eventName.webVital, attributesOf(metric))
      told(metric)
    }
    span.end()
  }

  const hear = (metric: Metric): void => {
    const page = currentPage()
    waiting.set(metric.name, metric)
    if (page) page.beforeEnd ??= () => tellOn(page)
  }
  onTTFB(hear)
  onFCP(hear)
  onLCP(hear, { reportAllChanges: true })
  onINP(hear)
  onCLS(hear)
  // They hear it at the window, which comes first.
  document.addEventListener('visibilitychange', tellTheRest)
}
