import { relayPath } from '@cruddur/shared/telemetry'
import { unzonedListen, unzonedTimeout } from './before-zone.ts'
import { type Accounts, ExportQueue } from './export-queue.ts'
import { reports } from './faults.ts'
import { isKeptByServer, isRequest } from './fetch-spans.ts'
import { HeldSpans } from './held-spans.ts'
import { rollbarEndpoint } from './rollbar-settings.ts'

export const queue = new ExportQueue({
  capacity: 1_000,
  batchSize: 50,
  delayMs: 1_000,
  maxDelayMs: 60_000,
  isUrgent: () => document.visibilityState === 'hidden',
  isOnline: () => navigator.onLine,
  now: () => performance.now(),
  later: (run, ms) => unzonedTimeout(run, ms),
})
unzonedListen('online', () => queue.sendNow())

export const heldSpans = new HeldSpans({
  isRequest,
  isKeptByServer,
  send: (span) => queue.onEnd(span),
  leaveOut: (spans) => queue.leaveOut(spans),
})

/** Whether the trace can be opened at the vendor, as far as the page knows. */
export const isTraceKept = (traceId: string): boolean => heldSpans.isKept(traceId)

type PageSignal = Accounts & { name: string; destination: string | null; because: string }

/** The accounts of what the page itself sends. */
export const pageSignals = (): PageSignal[] => [
  {
    name: 'spans of this page',
    destination: relayPath,
    because: 'the page’s server passes them on to the vendors',
    ...queue.state(),
  },
  {
    name: 'faults of this page',
    destination: rollbarEndpoint,
    because:
      import.meta.env.VITE_ROLLBAR_REASON ??
      `VITE_ROLLBAR_ACCESS_TOKEN was ${rollbarEndpoint ? '' : 'not '}set when the page was built`,
    ...reports.state(),
  },
]
