import { browserAttr } from '@cruddur/wire/names'
import type { Attributes } from '@opentelemetry/api'
import { defaultResource, type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions'
import type { PageOptions } from './options.ts'

type BrowserBrands = { brands?: { brand: string; version: string }[]; mobile?: boolean; platform?: string }

const viewport = (width: number): string => (width < 600 ? 'narrow' : width < 1_100 ? 'medium' : 'wide')

/** Enough to tell kinds of browsers apart, but too little to identify a person. */
export const pageAttributes = ({ service, version }: PageOptions): Attributes => {
  const { brands, mobile, platform } = (navigator as { userAgentData?: BrowserBrands }).userAgentData ?? {}
  return {
    [ATTR_SERVICE_NAME]: service,
    ...(version && { [ATTR_SERVICE_VERSION]: version }),
    ...(brands && { 'browser.brands': brands.map(({ brand, version }) => `${brand} ${version}`) }),
    ...(mobile !== undefined && { 'browser.mobile': mobile }),
    ...(platform && { 'browser.platform': platform }),
    'browser.language': navigator.language,
    [browserAttr.viewport]: viewport(innerWidth),
  }
}

export const resourceOf = (attributes: Attributes): Resource =>
  defaultResource().merge(resourceFromAttributes(attributes))

export const pageResource = (options: PageOptions): Resource => resourceOf(pageAttributes(options))
