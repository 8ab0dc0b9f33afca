import { serviceName } from '@cruddur/shared/telemetry'
import type { Attributes } from '@opentelemetry/api'
import { type FaultReporter, notReported } from './faults.ts'
import type { HoneycombPlace } from './honeycomb.ts'
import { createLog, type Log } from './logger.ts'
import type { RefusalKeeper } from './refused-traces.ts'
import type { Signal } from './signal.ts'
import { onSpanEnd } from './span-processors.ts'

/** What telemetry has opened for this process. */
export type Vendors = {
  readonly log: Log
  readonly faults: FaultReporter
  readonly signals: readonly Signal[]
  readonly traces: RefusalKeeper
  readonly honeycombPlace: () => HoneycombPlace | null
  readonly version: string
  /** Resource attributes of the deployment, which the spans of its pages carry as well. */
  readonly deployment: Attributes
  readonly close: (deadlineMs: number) => Promise<void>
}

/** Keeps nothing. */
export const noTraces: RefusalKeeper = {
  server: onSpanEnd(() => {}),
  acceptBrowserSpans: () => {},
  isKept: () => false,
  refuse: () => {},
  close: async () => {},
}

/** Before telemetry starts, and in tests, log lines go to stdout and everything else is discarded. */
let current: Vendors = {
  log: createLog({ service: serviceName.backend, environment: 'development' }),
  faults: notReported,
  signals: [],
  traces: noTraces,
  honeycombPlace: () => null,
  version: 'unknown',
  deployment: {},
  close: async () => {},
}

export const vendors = (): Vendors => current

export const useVendors = (opened: Vendors): void => {
  current = opened
}
