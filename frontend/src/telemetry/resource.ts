import { serviceName } from '@cruddur/shared/telemetry'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'

type BrowserBrands = { brands?: { brand: string; version: string }[]; mobile?: boolean; platform?: string }

const viewport = (width: number): string => (width < 600 ? 'narrow' : width < 1_100 ? 'medium' : 'wide')

/** Enough to tell slow browsers apart, too little to tell people apart. */
export const pageResource = (version: string | undefined): Resource => {
  const { brands, mobile, platform } = (navigator as { userAgentData?: BrowserBrands }).userAgentData ?? {}
  return defaultResource().merge(
    resourceFromAttributes({
      'service.name': serviceName.frontend,
      ...(version && { 'service.version': version }),
      ...(brands && { 'browser.brands': brands.map(({ brand, version }) => `${brand} ${version}`) }),
      ...(mobile !== undefined && { 'browser.mobile': mobile }),
      ...(platform && { 'browser.platform': platform }),
      'browser.language': navigator.language,
      'app.viewport': viewport(innerWidth),
    }),
  )
}
