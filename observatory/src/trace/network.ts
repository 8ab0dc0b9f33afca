import { browserAttr } from '@cruddur/shared/telemetry'
import type { Span } from './span.ts'

/**
 * How one fetch spent its time: before it was sent, on the network and in the server, which together are the whole of it.
 * The parts of a bar follow each other without a gap, from the fetch's start to its end.
 */
export type FetchSplit = {
  totalMs: number
  /** Null when nobody knows: then it is counted as the network's. */
  beforeMs: number | null
  networkMs: number
  serverMs: number
  connectMs: number | null
  downloadMs: number | null
  parts: FetchPart[]
}
type FetchPart = { what: 'before' | 'request' | 'server' | 'answer' | 'download'; fromMs: number; toMs: number }

const number = (span: Span, key: string): number | null => {
  const value = span.attributes[key]
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null
}

/**
 * Of a client span, when its server's time is known from the answer's own words or from the server's span;
 * the server's part lies at `serverAtMs` after the fetch's start where that is known.
 */
export const splitFetch = (
  fetch: Span,
  server: Span | undefined,
  serverAtMs: number | null = null,
): FetchSplit | null => {
  if (fetch.kind !== 'client') return null
  const servedMs = number(fetch, browserAttr.serverMs) ?? server?.durationMs
  if (servedMs === undefined) return null
  const totalMs = fetch.durationMs
  const serverMs = Math.min(servedMs, totalMs)
  const told = number(fetch, browserAttr.beforeSendMs)
  const beforeMs = told === null ? null : Math.min(told, totalMs - serverMs)
  const [requestStart, responseStart] = waitingOf(fetch)
  // The server is in the middle of the waiting: what went to it and what came back took the same, as far as anybody can tell.
  const middle = (requestStart + responseStart) / 2
  const from = clamp(serverAtMs ?? Math.max(middle - serverMs / 2, beforeMs ?? 0), 0, totalMs - serverMs)
  const to = from + serverMs
  const sent = Math.min(beforeMs ?? 0, from)
  const answered = Math.max(responseStart, to)
  const parts: FetchPart[] = [
    { what: 'before', fromMs: 0, toMs: sent },
    { what: 'request', fromMs: sent, toMs: from },
    { what: 'server', fromMs: from, toMs: to },
    { what: 'answer', fromMs: to, toMs: answered },
    { what: 'download', fromMs: answered, toMs: totalMs },
  ]
  return {
    totalMs,
    beforeMs,
    networkMs: totalMs - serverMs - (beforeMs ?? 0),
    serverMs,
    connectMs: number(fetch, browserAttr.connectMs),
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
