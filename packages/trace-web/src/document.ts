import { browserAttr } from '@cruddur/wire/names'
import { type Attributes, trace } from '@opentelemetry/api'
import { ATTR_URL_FULL } from '@opentelemetry/semantic-conventions'
import type { Interaction } from './interaction.ts'
import { withoutQuery } from './url-template.ts'

const maxResources = 30

const kinds: Record<string, string> = {
  js: 'script',
  css: 'style',
  woff2: 'font',
  svg: 'image',
  png: 'image',
  html: 'document',
}

/** The name of one of the page's own files, without the hash that the build adds to files in `assets/`. */
export const fileOf = (url: string, pageOrigin: string): string | null => {
  const { origin, pathname } = new URL(url)
  const file = pathname.slice(pathname.lastIndexOf('/') + 1)
  if (origin !== pageOrigin || !/^[\w.-]+\.[a-z0-9]+$/i.test(file)) return null
  return pathname.startsWith('/assets/') ? file.replace(/-[\w-]{8}(?=\.[a-z0-9]+$)/i, '') : file
}

/** Each file of the build has its own name. Other resources share one name for each kind. */
export const resourceName = (file: string | null, initiatorType: string): string =>
  file ? `${kinds[file.slice(file.lastIndexOf('.') + 1)] ?? initiatorType} ${file}` : `resource ${initiatorType}`

/** Adds the document, its scripts, styles, fonts and images as children of the page load. `fetch` has its own spans. */
export const traceDocument = (pageLoad: Interaction): void => {
  const tracer = trace.getTracer('document')
  const addSpan = (name: string, timing: PerformanceResourceTiming, more: Attributes = {}) => {
    const attributes = { [ATTR_URL_FULL]: withoutQuery(timing.name), ...more }
    tracer.startSpan(name, { startTime: timing.fetchStart, attributes }, pageLoad.context).end(timing.responseEnd)
  }

  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  if (navigation && navigation.responseEnd > 0) addSpan('GET document', navigation)

  const resources = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
  resources
    .filter(({ initiatorType }) => !['fetch', 'xmlhttprequest', 'beacon'].includes(initiatorType))
    .slice(0, maxResources)
    .forEach((resource) => {
      const file = fileOf(resource.name, location.origin)
      addSpan(resourceName(file, resource.initiatorType), resource, file ? { [browserAttr.resourceFile]: file } : {})
    })
}
