import type { Span, TraceSummary } from '../trace/span.ts'
import { isOfPage, isSql } from '../trace/summary.ts'

const palette = ['sky', 'server', 'pink', 'leaf', 'clay']

/** A service has the same colour in every trace. All pages have the same one. */
const colourOfName = (service: string): string => {
  let sum = 0
  for (const character of service) sum = (sum * 31 + character.charCodeAt(0)) % 9973
  return palette[sum % palette.length] ?? 'server'
}

export const colourOfService = (service: string, { pages }: TraceSummary): string =>
  pages.includes(service) ? 'browser' : colourOfName(service)

export const colourOf = (span: Span): string =>
  isSql(span) ? 'sql' : isOfPage(span) ? 'browser' : colourOfName(span.service)
