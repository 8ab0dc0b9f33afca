import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

const outside = suppressTracing(ROOT_CONTEXT)

/** Runs work for a vendor untraced; neither it nor its timers keep the context of the request that caused it. */
export const outsideTraces = <Result>(work: () => Result): Result => context.with(outside, work)
