import { attr, browserAttr, userIdKey } from '@cruddur/wire/names'
import { context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { RecentMap } from '../recent-map.ts'
import { withVisitId } from '../spans/visit.ts'
import type { FaultReporter } from './faults.ts'

const mostRemembered = 1_000

/** Several spans of a trace may record one exception, and an error handler may report it too. */
export const reportedOnce = (faults: FaultReporter): FaultReporter => {
  const known = new RecentMap<string, string | null>(mostRemembered)
  return {
    ...faults,
    report: (fault) => {
      const message = fault.error instanceof Error ? fault.error.message : String(fault.error)
      const key = `${trace.getActiveSpan()?.spanContext().traceId} ${message}`
      const uuid = known.has(key) ? (known.get(key) ?? null) : faults.report(fault)
      known.set(key, uuid)
      return uuid
    },
  }
}

/** Reports the exceptions that a span has recorded, unless `reportFault` has reported them. */
export const reportSpanFaults =
  (faults: FaultReporter) =>
  (span: ReadableSpan): void => {
    const { attributes, events } = span
    if (attributes[attr.rollbarUuid] !== undefined) return
    const userId = attributes[userIdKey]
    const inTrace = trace.setSpanContext(ROOT_CONTEXT, span.spanContext())
    context.with(withVisitId(inTrace, attributes[browserAttr.sessionId]), () => {
      for (const { name, attributes: about = {} } of events)
        if (name === 'exception')
          faults.report({ error: errorOf(about), ...(typeof userId === 'string' && { userId }) })
    })
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
