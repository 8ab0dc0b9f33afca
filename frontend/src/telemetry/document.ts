import { trace } from '@opentelemetry/api'
import { ATTR_URL_FULL } from '@opentelemetry/semantic-conventions'
import type { Interaction } from './interaction.ts'
import { withoutQuery } from './url-template.ts'

const mostResources = 30

/** The document and what it fetched by itself, as children of the page load; requests of `fetch` have spans of their own. */
export const traceDocument = (pageLoad: Interaction): void => {
  const tracer = trace.getTracer('document')
  const span = (name: string, { name: url, fetchStart, responseEnd }: PerformanceResourceTiming) =>
    tracer
      .startSpan(name, { startTime: fetchStart, attributes: { [ATTR_URL_FULL]: withoutQuery(url) } }, pageLoad.context)
      .end(responseEnd)

  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation && navigation.responseEnd > 0) span('GET document', navigation)

  const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  resources
    .filter(({ initiatorType }) => !['fetch', 'xmlhttprequest', 'beacon'].includes(initiatorType))
    .slice(0, mostResources)
    .forEach((resource) => {
      span(`resource ${resource.initiatorType}`, resource)
    })
}
