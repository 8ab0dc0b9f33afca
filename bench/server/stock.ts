// Stands in for @cruddur/trace-node: use cases and log lines with the vendors' own packages, as their documentation says.

import type { Handler } from '@cruddur/trace-node/testing/incoming'
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api'
import { log as bareLog, logRequests, serverTiming as withoutTiming } from './bare.ts'
import { fourVendors } from './stock-start.ts'

// biome-ignore lint/performance/noBarrelFile: whatever is not defined here is as in the bare application
export * from './bare.ts'

type Work = (...args: never[]) => Promise<unknown>

const ids = () => {
  const span = trace.getActiveSpan()?.spanContext()
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {}
}
const write = fourVendors?.logger ?? bareLog
export const log = {
  info: (message: string, fields = {}) => void write.info(message, { ...ids(), ...fields }),
  warn: (message: string, fields = {}) => void write.warn(message, { ...ids(), ...fields }),
  error: (message: string, fields = {}) => void write.error(message, { ...ids(), ...fields }),
}

const traced =
  (name: string, work: Work): Work =>
  (...args) =>
    trace.getTracer('bench').startActiveSpan(name, async (span) => {
      try {
        return await work(...args)
      } catch (error) {
        span.recordException(error as Error)
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    })
const annotate = (facts: object) => void trace.getActiveSpan()?.setAttributes({ ...facts })
export const tracing = () => ({ traced, annotate, log })
export const annotateUser = (id: string | null): void =>
  void trace.getActiveSpan()?.setAttribute('app.user_id', id ?? 'anonymous')

export const requestLog = () => logRequests(log)

/** X-Ray's middleware comes first, as ours does. */
export const serverTiming = (): Handler => {
  if (!fourVendors) return withoutTiming()
  const { AWSXRay } = fourVendors
  return (req, res, next) => {
    const segment = new AWSXRay.Segment('bench')
    const incoming = new AWSXRay.middleware.IncomingRequestData(req)
    segment.addIncomingRequestData(incoming)
    res.on('finish', () => {
      incoming.close(res)
      segment.close()
    })
    AWSXRay.getNamespace().run(() => {
      AWSXRay.setSegment(segment)
      next()
    })
  }
}

export const currentTraceparent = (): string | null => {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier.traceparent ?? null
}
export const inTraceOf = <Result>(cause: string | null | undefined, work: () => Result): Result =>
  context.with(cause ? propagation.extract(ROOT_CONTEXT, { traceparent: cause }) : ROOT_CONTEXT, work)
