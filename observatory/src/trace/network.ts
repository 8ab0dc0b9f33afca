import { browserAttr } from '@cruddur/shared/telemetry'
import type { Span } from './span.ts'

/** How one fetch spent its time. The parts of a bar follow each other without a gap, from the fetch's start to its end. */
export type FetchSplit = {
  totalMs: number
  networkMs: number
  serverMs: number
  connectMs: number | null
  waitMs: number | null
  downloadMs: number | null
  parts: FetchPart[]
}
type FetchPart = { what: 'connect' | 'request' | 'server' | 'answer' | 'download'; fromMs: number; toMs: number }

const number = (span: Span, key: string): number | null => {
  const value = span.attributes[key]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

/** Of a client span, when its server's time is known from the answer's own words or from the server's span. */
export const splitFetch = (fetch: Span, server: Span | undefined): FetchSplit | null => {
  if (fetch.kind !== 'client') return null
  const told = number(fetch, browserAttr.serverMs) ?? server?.durationMs
  if (told === undefined) return null
  const totalMs = fetch.durationMs
  const serverMs = Math.min(told, totalMs)
  const [requestStart, responseStart] = waitingOf(fetch)
  // The server is in the middle of the waiting: what went to it and what came back took the same, as far as anybody can tell.
  const middle = (requestStart + responseStart) / 2
  const from = clamp(middle - serverMs / 2, 0, totalMs - serverMs)
  const to = from + serverMs
  const sent = Math.min(requestStart, from)
  const answered = Math.max(responseStart, to)
  const parts: FetchPart[] = [
    { what: 'connect', fromMs: 0, toMs: sent },
    { what: 'request', fromMs: sent, toMs: from },
    { what: 'server', fromMs: from, toMs: to },
    { what: 'answer', fromMs: to, toMs: answered },
    { what: 'download', fromMs: answered, toMs: totalMs },
  ]
  return {
    totalMs,
    networkMs: number(fetch, browserAttr.networkMs) ?? totalMs - serverMs,
    serverMs: told,
    connectMs: number(fetch, browserAttr.connectMs),
    waitMs: number(fetch, browserAttr.waitMs),
    downloadMs: number(fetch, browserAttr.downloadMs),
    parts: parts.filter((part) => part.toMs - part.fromMs > 0),
  }
}

/** From when to when the browser waited for the first byte, since the fetch's start. */
const waitingOf = (fetch: Span): [number, number] => {
  const total = fetch.durationMs
  const at = (name: string) => {
    const event = fetch.events.find((event) => event.name === name)
    return event && clamp(event.timeMs - fetch.startMs, 0, total)
  }
  const sent = at('requestStart')
  const answered = at('responseStart')
  if (sent !== undefined && answered !== undefined && sent <= answered) return [sent, answered]
  const wait = number(fetch, browserAttr.waitMs)
  const download = number(fetch, browserAttr.downloadMs)
  if (wait === null || download === null || wait + download > total) return [0, total]
  return [total - download - wait, total - download]
}

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))
