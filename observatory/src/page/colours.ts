import type { CSSProperties } from 'react'
import type { FetchSplit } from '../trace/network.ts'
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

/** For the parts of a split: the caller, the network in the caller's colour, and the service that answered. */
const splitColours = (caller: string, answerer: string | null): CSSProperties =>
  ({ '--caller': `var(--${caller})`, '--answerer': `var(--${answerer ?? 'server'})` }) as CSSProperties

export const splitColoursFor = (span: Span, { answeredBy }: FetchSplit): CSSProperties =>
  splitColours(colourOf(span), answeredBy && colourOfName(answeredBy))

export const splitColoursOf = (summary: TraceSummary): CSSProperties =>
  splitColours(
    colourOfService(summary.rootService, summary),
    summary.answeredBy && colourOfService(summary.answeredBy, summary),
  )

export const colourOf = (span: Span): string =>
  isSql(span) ? 'sql' : isOfPage(span) ? 'browser' : colourOfName(span.service)
