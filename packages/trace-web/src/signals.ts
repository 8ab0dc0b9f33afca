import { relayPath } from '@cruddur/wire/names'
import type { ReadableSpan } from '#sdk'
import { plainTimeout } from './context/outside.ts'
import { type Account, ExportQueue } from './export-queue.ts'
import { reporting } from './faults.ts'
import { isKeptByServer, isRequest } from './fetch-spans.ts'
import { HeldSpans } from './held-spans.ts'

export const createSpanQueue = (): ExportQueue<ReadableSpan> =>
  new ExportQueue<ReadableSpan>({
    capacity: 1_000,
    batchSize: 50,
    delayMs: 1_000,
    maxDelayMs: 60_000,
    isUrgent: () => document.visibilityState === 'hidden',
    isOnline: () => navigator.onLine,
    now: () => performance.now(),
    setTimer: (run, ms) => plainTimeout(run, ms),
  })

/** Holds each trace until the server has decided about its half, and puts what is kept into the queue. */
export const holdSpans = (queue: ExportQueue<ReadableSpan>): HeldSpans =>
  new HeldSpans({
    isRequest,
    isKeptByServer,
    send: (span) => queue.add(span),
    leaveOut: (spans) => queue.countNotSampled(spans),
  })

export const spanQueue = createSpanQueue()
export const heldSpans = holdSpans(spanQueue)

/** Whether the trace can be opened at the vendor, as far as the page knows. */
export const isTraceKept = (traceId: string): boolean => heldSpans.isKept(traceId)

type PageSignal = Account & { name: string; destination: string | null; because: string }

/** The accounts of the spans and error reports that the page itself sends. */
export const pageSignals = (): PageSignal[] => {
  const spans = {
    name: 'spans of this page',
    destination: relayPath,
    because: 'the page’s server passes them on to the vendors',
    ...spanQueue.account(),
  }
  const { reports, queue } = reporting()
  if (!reports) return [spans]
  const { destination, because } = reports
  return [spans, { name: 'faults of this page', destination, because, ...queue.account() }]
}
