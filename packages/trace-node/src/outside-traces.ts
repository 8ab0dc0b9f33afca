import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

const outside = suppressTracing(ROOT_CONTEXT)

/** Runs work for a vendor outside of all traces. The work and its timers do not keep the context of a request. */
export const outsideTraces = <Result>(work: () => Result): Result => context.with(outside, work)
