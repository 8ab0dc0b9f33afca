import type { Item } from '../trace/item.ts'
import type { LogLine } from '../trace/log-line.ts'
import { fromXrayTraceId, isXrayTraceId, type Segment } from '../trace/segment.ts'
import type { Attributes, Span, TraceSummary } from '../trace/span.ts'

export type TraceQuery = {
  /** All of these words, in a name, an attribute or an id. `key=word` looks at one attribute only. */
  words: string[]
  service: string | null
  minDurationMs: number
  errorsOnly: boolean
  limit: number
}

export class BadQuery extends Error {}

const maxTraces = 500

export const readQuery = (parameters: URLSearchParams): TraceQuery => ({
  words: (parameters.get('q') ?? '')
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => (isXrayTraceId(word) ? fromXrayTraceId(word) : word)),
  service: parameters.get('service') || null,
  minDurationMs: numberIn(parameters, 'min_duration_ms', 0, 0, Number.MAX_VALUE),
  errorsOnly: parameters.get('errors') === 'true',
  limit: numberIn(parameters, 'limit', 100, 1, maxTraces),
})

const numberIn = (
  parameters: URLSearchParams,
  name: string,
  defaultValue: number,
  low: number,
  high: number,
): number => {
  const text = parameters.get(name)
  if (text === null || text === '') return defaultValue
  const value = Number(text)
  if (!(value >= low && value <= high)) throw new BadQuery(`${name} is not a number from ${low} to ${high}`)
  return value
}

type Records = {
  spans: ReadonlyMap<string, Span>
  segments: ReadonlyMap<string, Segment>
  items: ReadonlyMap<string, Item>
  logs: ReadonlyMap<string, LogLine>
}

export const matches = (query: TraceQuery, summary: TraceSummary, records: Records): boolean => {
  if (query.service !== null && !summary.services.includes(query.service)) return false
  if (summary.durationMs < query.minDurationMs) return false
  if (query.errorsOnly && summary.errorCount + summary.itemCount === 0) return false
  const missing = new Set(query.words.filter((word) => !summary.traceId.startsWith(word)))
  for (const span of records.spans.values()) {
    if (missing.size === 0) return true
    for (const word of missing) if (spanHas(span, word)) missing.delete(word)
  }
  for (const record of [records.segments, records.items, records.logs].flatMap((one) => [...one.values()])) {
    if (missing.size === 0) return true
    const text = JSON.stringify(record).toLowerCase()
    for (const word of missing) if (text.includes(word) || hasPair(text, word)) missing.delete(word)
  }
  return missing.size === 0
}

/** Whether the value of `key` begins with `word`, in JSON. */
const hasPair = (text: string, word: string): boolean => {
  const equals = word.indexOf('=')
  if (equals < 1) return false
  const key = `"${word.slice(0, equals)}":`
  const value = word.slice(equals + 1)
  return text.includes(key + value) || text.includes(`${key}"${value}`)
}

const spanHas = (span: Span, word: string): boolean => {
  const equals = word.indexOf('=')
  if (equals > 0) {
    const key = word.slice(0, equals)
    const value = word.slice(equals + 1)
    return [span.attributes, span.resource].some((attributes) =>
      Object.entries(attributes).some(([name, given]) => name.toLowerCase() === key && textOf(given).includes(value)),
    )
  }
  return (
    span.spanId === word ||
    span.name.toLowerCase().includes(word) ||
    anyHas(span.attributes, word) ||
    anyHas(span.resource, word) ||
    span.events.some((event) => event.name.toLowerCase().includes(word) || anyHas(event.attributes, word))
  )
}

const anyHas = (attributes: Attributes, word: string): boolean =>
  Object.entries(attributes).some(([key, value]) => key.toLowerCase().includes(word) || textOf(value).includes(word))

const textOf = (value: unknown): string =>
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toLowerCase()
