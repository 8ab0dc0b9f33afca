import type { IncomingMessage } from 'node:http'
import { type Attributes, TraceFlags } from '@opentelemetry/api'
import { createLog, type Log } from './logger.ts'
import type { RefusalKeeper } from './spans/refused-traces.ts'
import { onSpanEnd } from './spans/span-processors.ts'
import { type FaultReporter, notReported } from './vendors/faults.ts'
import type { HoneycombPlace } from './vendors/honeycomb.ts'
import type { Signal } from './vendors/signal.ts'

/** What telemetry has opened for this process. */
export type Vendors = {
  /** The service of this process, as the application names it. */
  readonly service: string
  readonly log: Log
  readonly faults: FaultReporter
  readonly signals: readonly Signal[]
  readonly traces: RefusalKeeper
  readonly honeycombPlace: () => HoneycombPlace | null
  readonly version: string
  /** Resource attributes of the deployment, which the spans of its pages carry as well. */
  readonly deployment: Attributes
  /** The application's own requests without a span. */
  readonly untraced: (request: IncomingMessage) => boolean
  /** Says once that something is not traced. */
  readonly warnOfGap: (line: string) => void
  readonly close: (deadlineMs: number) => Promise<void>
}

/** Without `startTracing` the application's own provider decides, so a sampled trace may be kept. */
export const noTraces: RefusalKeeper = {
  server: onSpanEnd(() => {}),
  acceptBrowserSpans: () => {},
  isKept: (request) => (request.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0,
  refuse: () => {},
  close: async () => {},
}

// One for the process, even if the package is installed twice.
const key = Symbol.for('@cruddur/trace-node')
const startedKey = Symbol.for('@cruddur/trace-node started')
const holder = globalThis as { [key]?: Vendors; [startedKey]?: true }

/** True for the first call in this process. */
export const isFirstStart = (): boolean => {
  const isFirst = !holder[startedKey]
  holder[startedKey] = true
  return isFirst
}

/** Before telemetry starts, and in tests, log lines go to stdout and everything else is discarded. */
const unopened = (): Vendors => {
  const service = 'unknown_service'
  return {
    service,
    log: createLog({ service, environment: 'development' }),
    faults: notReported,
    signals: [],
    traces: noTraces,
    honeycombPlace: () => null,
    version: 'unknown',
    deployment: {},
    untraced: () => false,
    warnOfGap: () => {},
    close: async () => {},
  }
}

export const vendors = (): Vendors => {
  holder[key] ??= unopened()
  return holder[key]
}

export const useVendors = (opened: Vendors): void => {
  holder[key] = opened
}
