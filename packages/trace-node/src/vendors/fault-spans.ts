import { attr, userIdKey } from '@cruddur/wire/names'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { RecentMap } from '../recent-map.ts'
import type { FaultReporter } from './faults.ts'

const mostRemembered = 1_000

/** Reports the first exception of a trace, unless `reportFault` has reported it. */
export const reportSpanFaults = (faults: FaultReporter): ((span: ReadableSpan) => void) => {
  const reported = new RecentMap<string, true>(mostRemembered)
  return (span) => {
    const { attributes, events } = span
    const found = events.find(({ name }) => name === 'exception')
    const spanContext = span.spanContext()
    if (!found || attributes[attr.rollbarUuid] !== undefined || reported.has(spanContext.traceId)) return
    reported.set(spanContext.traceId, true)
    const userId = attributes[userIdKey]
    context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), () =>
      faults.report({ error: errorOf(found.attributes ?? {}), ...(typeof userId === 'string' && { userId }) }),
    )
  }
}

const errorOf = ({
  'exception.type': name = 'Error',
  'exception.message': message = '',
  'exception.stacktrace': stack,
}: NonNullable<ReadableSpan['events'][number]['attributes']>): Error => {
  const error = new Error(String(message))
  error.name = String(name)
  if (typeof stack === 'string') error.stack = stack
  return error
}
