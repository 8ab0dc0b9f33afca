import { type HrTime, type SpanContext, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { hrTimeDuration } from '@opentelemetry/core'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

type Received = Pick<ReadableSpan, 'name' | 'kind' | 'attributes' | 'resource' | 'instrumentationScope'> &
  Partial<ReadableSpan> & {
    readonly context: SpanContext
    readonly startNanos: bigint
    readonly endNanos: bigint
  }

/** A span that ended in another process, in the form that processors and exporters take. */
export const receivedSpan = ({ context, startNanos, endNanos, ...parts }: Received): ReadableSpan => {
  const startTime = timeOf(startNanos)
  const endTime = timeOf(endNanos > startNanos ? endNanos : startNanos)
  return {
    status: { code: SpanStatusCode.UNSET },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...parts,
    spanContext: () => context,
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    ended: true,
  }
}

export const contextOf = (traceId: string, spanId: string): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
})

const nanosOfSecond = 1_000_000_000n

export const timeOf = (nanos: bigint): HrTime => [Number(nanos / nanosOfSecond), Number(nanos % nanosOfSecond)]
