import { relayPath } from '@cruddur/wire/names'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-web'
import { plainListen, plainTimeout } from './context/outside.ts'
import { type Account, ExportQueue } from './export-queue.ts'
import { reportQueue } from './faults.ts'
import { isKeptByServer, isRequest } from './fetch-spans.ts'
import { HeldSpans } from './held-spans.ts'
import { pageOptions } from './options.ts'

export const relayUrl = (): string => new URL(relayPath, location.origin).href

export const spanQueue = new ExportQueue<ReadableSpan>({
  capacity: 1_000,
  batchSize: 50,
  delayMs: 1_000,
  maxDelayMs: 60_000,
  isUrgent: () => document.visibilityState === 'hidden',
  isOnline: () => navigator.onLine,
  now: () => performance.now(),
  setTimer: (run, ms) => plainTimeout(run, ms),
})
plainListen('online', () => spanQueue.sendNow())

export const heldSpans = new HeldSpans({
  isRequest,
  isKeptByServer,
  send: (span) => spanQueue.add(span),
  leaveOut: (spans) => spanQueue.countNotSampled(spans),
})

/** Whether the trace can be opened at the vendor, as far as the page knows. */
export const isTraceKept = (traceId: string): boolean => heldSpans.isKept(traceId)

type PageSignal = Account & { name: string; destination: string | null; because: string }

/** The accounts of the spans and error reports that the page itself sends. */
export const pageSignals = (): PageSignal[] => [
  {
    name: 'spans of this page',
    destination: relayPath,
    because: 'the page’s server passes them on to the vendors',
    ...spanQueue.account(),
  },
  {
    name: 'faults of this page',
    destination: pageOptions().rollbar?.endpoint ?? null,
    because: pageOptions().rollbar?.reason ?? 'the page has no token',
    ...reportQueue.account(),
  },
]
