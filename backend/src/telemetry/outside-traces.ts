import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'

const outside = suppressTracing(ROOT_CONTEXT)

/** What speaks to the vendors is itself not traced, and neither it nor its timers hold on to the request that caused it. */
export const outsideTraces = <Result>(work: () => Result): Result => context.with(outside, work)
