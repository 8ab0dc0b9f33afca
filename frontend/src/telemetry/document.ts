import { browserAttr } from '@cruddur/shared/telemetry'
import { type Attributes, trace } from '@opentelemetry/api'
import { ATTR_URL_FULL } from '@opentelemetry/semantic-conventions'
import type { Interaction } from './interaction.ts'
import { fileOf, resourceName } from './resource-name.ts'
import { withoutQuery } from './url-template.ts'

const mostResources = 30

/** Spans for the document and its scripts, styles, fonts and images, as children of the page load. `fetch` has its own spans. */
export const traceDocument = (pageLoad: Interaction): void => {
  const tracer = trace.getTracer('document')
  const span = (name: string, timing: PerformanceResourceTiming, about: Attributes = {}) => {
    const attributes = { [ATTR_URL_FULL]: withoutQuery(timing.name), ...about }
    tracer.startSpan(name, { startTime: timing.fetchStart, attributes }, pageLoad.context).end(timing.responseEnd)
  }

  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation && navigation.responseEnd > 0) span('GET document', navigation)

  const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  resources
    .filter(({ initiatorType }) => !['fetch', 'xmlhttprequest', 'beacon'].includes(initiatorType))
    .slice(0, mostResources)
    .forEach((resource) => {
      const file = fileOf(resource.name, location.origin)
      span(resourceName(file, resource.initiatorType), resource, file ? { [browserAttr.resourceFile]: file } : {})
    })
}
