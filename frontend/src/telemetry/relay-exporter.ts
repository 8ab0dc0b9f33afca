import { sentAtHeader } from '@cruddur/shared/telemetry'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Outcome, SendSpans } from './export-queue.ts'

/** The browser refuses keepalive requests beyond 64 KiB in flight; headers count too. */
const keepaliveBytes = 60 * 1024
/** OTLP: nothing else is ever sent again. */
const worthAnotherTry = [429, 502, 503, 504]

/**
 * Posts spans to the relay so that they leave even while the page goes. The stock exporter leaves the answer unread,
 * and Chromium gives keepalive bytes back only when it was read: after two or three batches no more leave the page.
 */
export const sendToRelay = (url: string, timeoutMs: number): SendSpans => {
  let bytesInFlight = 0
  return async (spans) => {
    let body: Uint8Array | undefined
    try {
      body = JsonTraceSerializer.serializeRequest(spans)
    } catch {}
    if (!body) return { is: 'refused', problem: 'the spans cannot be written' }
    const bytes = body.byteLength
    const keepalive = bytesInFlight + bytes <= keepaliveBytes
    if (keepalive) bytesInFlight += bytes
    try {
      const answer = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [sentAtHeader]: String(Date.now()) },
        body: body as BodyInit,
        keepalive,
        signal: AbortSignal.timeout(timeoutMs),
      })
      return outcomeOf(answer.status, answer.headers.get('retry-after'), await answer.text())
    } catch (error) {
      return { is: 'unsent', problem: error instanceof Error ? error.message : 'unknown', retryAfterMs: 0 }
    } finally {
      if (keepalive) bytesInFlight -= bytes
    }
  }
}

export const outcomeOf = (status: number, retryAfter: string | null, body: string): Outcome => {
  if (status >= 200 && status < 300) return { is: 'delivered', ...partialSuccess(body) }
  const problem = `HTTP ${status}`
  if (!worthAnotherTry.includes(status)) return { is: 'refused', problem }
  return { is: 'unsent', problem, retryAfterMs: waitMs(retryAfter) }
}

const partialSuccess = (body: string): { rejected: number; problem: string | null } => {
  try {
    const { rejectedSpans = 0, errorMessage } = JSON.parse(body).partialSuccess ?? {}
    return { rejected: Number(rejectedSpans) || 0, problem: errorMessage || null }
  } catch {
    return { rejected: 0, problem: null }
  }
}

/** In seconds or as a date. */
const waitMs = (retryAfter: string | null): number => {
  const seconds = Number(retryAfter)
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1_000
  return Math.max(0, ms || 0)
}
