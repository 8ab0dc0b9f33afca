import { serviceName } from '@cruddur/shared/telemetry'
import { type FaultReporter, notReported } from './faults.ts'
import type { HoneycombPlace } from './honeycomb.ts'
import { createLog, type Log } from './logger.ts'
import type { Signal } from './signal.ts'

export type Vendors = {
  readonly log: Log
  readonly faults: FaultReporter
  readonly signals: readonly Signal[]
  readonly honeycombPlace: () => HoneycombPlace | null
  readonly version: string
}

let current: Vendors = {
  log: createLog({ service: serviceName.backend, environment: 'development' }),
  faults: notReported,
  signals: [],
  honeycombPlace: () => null,
  version: 'unknown',
}

/** Until telemetry has started, and where it never does, there is stdout. */
export const vendors = (): Vendors => current

export const useVendors = (opened: Vendors): void => {
  current = opened
}
