import type Rollbar from 'rollbar'
import { recordFault } from './faults.ts'

/**
 * Instead of the vendor's `error`, with the same arguments in any order: the fault gets a span, and its item the ids of
 * that span. An error thrown here would unmount the page.
 */
export const recordError = (...given: unknown[]): object => {
  try {
    const thrown = given.find((one) => one instanceof Error) ?? given[0]
    const custom = given.find((one) => Object(one) === one && one !== thrown) as { componentStack?: string } | undefined
    recordFault(thrown, custom?.componentStack ? 'render' : 'handled', custom)
  } catch {}
  return {}
}

type Call = (instance: Rollbar) => void
export const late: { instance?: Rollbar; calls: Set<Call> } = { calls: new Set() }
const maxCalls = 60

/** Now, or as soon as the vendor's instance is there. */
export const whenArrived = (call: Call): (() => void) => {
  if (late.instance) call(late.instance)
  else if (late.calls.size < maxCalls) late.calls.add(call)
  return () => late.calls.delete(call)
}

/** Until the vendor's instance is there: keeps the calls for it. */
export const standIn = { options: { accessToken: 'later', payload: {} }, error: recordError } as unknown as Rollbar
for (const method of ['log', 'debug', 'info', 'warn', 'warning', 'critical', 'configure', 'captureEvent'] as const)
  standIn[method] = (...given: never[]) => {
    whenArrived((instance) => Reflect.apply(instance[method], instance, given))
    return {} as never
  }
