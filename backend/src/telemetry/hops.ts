import {
  decodeTraceRequest,
  isSpanId,
  isTraceId,
  MalformedOtlp,
  type OtlpSpan,
  plainAttributes,
} from '@cruddur/shared/otlp'
import { relayLimitBytes, serviceName } from '@cruddur/shared/telemetry'
import { type HrTime, SpanKind, TraceFlags } from '@opentelemetry/api'
import { hrTimeDuration } from '@opentelemetry/core'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Request, RequestHandler } from 'express'
import { readBody } from '../http/body.ts'
import { acceptHops, deploymentOfPages } from './browser-pipeline.ts'

const decodeLimits = { values: 20_000, spans: 512 }

/** Spans of the page's own server, which knows neither the vendors nor which traces are kept: they are a part of the server's half. */
export const takeHops =
  (isPageServer: (req: Request) => boolean): RequestHandler =>
  async (req, res) => {
    if (req.method !== 'POST' || !isPageServer(req)) return void res.status(404).end()
    try {
      const request = decodeTraceRequest(await readBody(req, relayLimitBytes), 'application/x-protobuf', decodeLimits)
      acceptHops(
        request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
          const from = resourceFromAttributes({
            ...plainAttributes(resource.attributes),
            ...deploymentOfPages(),
            'service.name': serviceName.frontendServer,
          })
          const spans = scopeSpans.flatMap((scope) => scope.spans)
          return spans.filter(isSound).map((span) => readable(span, from))
        }),
      )
      res.status(200).end()
    } catch (error) {
      if (!(error instanceof MalformedOtlp)) throw error
      res.status(400).end()
    }
  }

const isSound = ({ traceId, spanId, parentSpanId }: OtlpSpan): boolean =>
  isTraceId(traceId) && isSpanId(spanId) && isSpanId(parentSpanId)

const readable = (span: OtlpSpan, resource: Resource): ReadableSpan => {
  const context = { traceId: span.traceId, spanId: span.spanId, traceFlags: TraceFlags.SAMPLED }
  const [startTime, endTime] = [timeOf(span.startTimeUnixNano), timeOf(span.endTimeUnixNano)]
  return {
    name: span.name,
    kind: SpanKind.SERVER,
    spanContext: () => context,
    parentSpanContext: { ...context, spanId: span.parentSpanId, isRemote: true },
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    status: { code: span.status.code },
    attributes: plainAttributes(span.attributes),
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: serviceName.frontendServer },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  }
}

const timeOf = (nanos: bigint | string): HrTime => {
  const all = BigInt(nanos)
  return [Number(all / 1_000_000_000n), Number(all % 1_000_000_000n)]
}
