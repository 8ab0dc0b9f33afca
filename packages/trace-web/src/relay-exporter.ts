import { sentAtHeader, visitHeader } from '@cruddur/wire/names'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '#sdk'
import type { Outcome, Send } from './export-queue.ts'
import { visitSecret } from './session.ts'

/** Browsers refuse keepalive requests beyond 64 KiB in flight, headers included. */
const maxKeepaliveBytes = 60 * 1024
/** OTLP's retryable answers. */
const retryable = [429, 502, 503, 504]

/**
 * Posts spans to the relay with `keepalive`, so that they are sent even while the page closes. OpenTelemetry's exporter
 * does not read the answer, and Chromium frees keepalive bytes only when the answer is read. After two or three batches
 * that exporter could send nothing more.
 */
export const sendToRelay = (url: string, timeoutMs = 5_000): Send<ReadableSpan> => {
  let bytesInFlight = 0
  return async (spans) => {
    let body: Uint8Array | undefined
    try {
      body = JsonTraceSerializer.serializeRequest(spans)
    } catch {}
    if (!body) return refused('the spans cannot be serialized')
    const bytes = body.byteLength
    const keepalive = bytesInFlight + bytes <= maxKeepaliveBytes
    if (keepalive) bytesInFlight += bytes
    const secret = visitSecret()
    try {
      const answer = await fetch(new URL(url, location.origin), {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [sentAtHeader]: String(Date.now()),
          ...(secret && { [visitHeader]: secret }),
        },
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
  if (!retryable.includes(status)) return refused(problem)
  return { is: 'unsent', problem, retryAfterMs: waitMs(retryAfter) }
}

const refused = (problem: string): Outcome => ({ is: 'refused', problem, reason: 'refused' })

const partialSuccess = (body: string): { rejected: number; problem: string | null } => {
  try {
    const { rejectedSpans = 0, errorMessage } = JSON.parse(body).partialSuccess ?? {}
    return { rejected: Number(rejectedSpans) || 0, problem: errorMessage || null }
  } catch {
    return { rejected: 0, problem: null }
  }
}

/** `Retry-After` is in seconds or a date. */
const waitMs = (retryAfter: string | null): number => {
  const seconds = Number(retryAfter)
  const ms = Number.isNaN(seconds) ? Date.parse(retryAfter ?? '') - Date.now() : seconds * 1_000
  return Math.max(0, ms || 0)
}
