import { setTimeout as delay } from 'node:timers/promises'
import type { SignalState } from '@cruddur/wire/signal-account'
import type { HoneycombPlace } from './vendors/honeycomb.ts'
import { vendors } from './vendors.ts'

export { currentTraceId, currentTraceparent, inTraceOf, inTraceOfRequest, traceHeaders } from './current-trace.ts'
export { shortened } from './scrub.ts'
export { type StartOptions, startTracing } from './start.ts'
export { activeTraceIds } from './trace-ids.ts'
export { annotateUser, isServerFault, reportFault, type TracingOptions, tracing } from './tracing.ts'
export type { HoneycombPlace } from './vendors/honeycomb.ts'

/** The account of each signal, as far as this process knows. */
export const signals = (): SignalState[] => vendors().signals.map((signal) => signal.snapshot())

/** The version of this build, as in spans and faults. */
export const version = (): string => vendors().version

/** Where Honeycomb shows the traces; null when it is not used, or has not answered yet. */
export const honeycombPlace = (): HoneycombPlace | null => vendors().honeycombPlace()

/** Sends the queued items, until the deadline at most. */
export const shutdownTracing = async (deadlineMs: number): Promise<void> => {
  const deadline = delay(deadlineMs, undefined, { ref: false })
  await Promise.race([
    vendors()
      .close(deadlineMs)
      .catch(() => {}),
    deadline,
  ])
}
