import { browserAttr } from '@cruddur/wire/names'
import { requestTimes, serverPart } from '@cruddur/wire/times'
import type { Span } from './span.ts'

/**
 * How one fetch spent its time: before it was sent, on the network and in the server. The three add up to its duration.
 * `parts` follow each other without a gap, from its start to its end.
 */
export type FetchSplit = {
  /** null when the server's span is not here. */
  answeredBy: string | null
  totalMs: number
  /** null when unknown; then it counts as network time. */
  beforeMs: number | null
  networkMs: number
  serverMs: number
  connectMs: number | null
  downloadMs: number | null
  parts: FetchPart[]
}
type FetchPart = { what: 'before' | 'request' | 'server' | 'answer' | 'download'; fromMs: number; toMs: number }

/**
 * Splits a client span when the server's time is known, from the answer or from the server's span. The server's part starts
 * at `serverAtMs` after the start of the fetch, where that is known.
 */
export const splitFetch = (
  fetch: Span,
  server: Span | undefined,
  serverAtMs: number | null = null,
  answeredBy: string | null = null,
): FetchSplit | null => {
  if (fetch.kind !== 'client') return null
  const totalMs = fetch.durationMs
  const times = requestTimes(fetch.attributes, totalMs, server?.durationMs)
  if (!times) return null
  const serverMs = Math.min(times.serverMs, totalMs)
  const beforeMs = times.beforeSendMs === null ? null : Math.min(times.beforeSendMs, totalMs - serverMs)
  const from = serverAtMs === null ? serverPart(times)[0] : clamp(serverAtMs, 0, totalMs - serverMs)
  const to = from + serverMs
  const sent = Math.min(beforeMs ?? 0, from)
  const answered = Math.max(totalMs - (times.downloadMs ?? 0), to)
  const parts: FetchPart[] = [
    { what: 'before', fromMs: 0, toMs: sent },
    { what: 'request', fromMs: sent, toMs: from },
    { what: 'server', fromMs: from, toMs: to },
    { what: 'answer', fromMs: to, toMs: answered },
    { what: 'download', fromMs: answered, toMs: totalMs },
  ]
  return {
    answeredBy,
    totalMs,
    beforeMs,
    networkMs: totalMs - serverMs - (beforeMs ?? 0),
    serverMs,
    connectMs: numberOf(fetch.attributes[browserAttr.connectMs]),
    downloadMs: times.downloadMs,
    parts: parts.filter((part) => part.toMs - part.fromMs > 0),
  }
}

const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high))
