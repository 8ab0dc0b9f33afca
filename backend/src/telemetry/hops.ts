import { serviceName } from '@cruddur/shared/telemetry'
import { relayLimitBytes } from '@cruddur/wire/names'
import {
  decodeTraceRequest,
  isSpanId,
  isTraceId,
  MalformedOtlp,
  type OtlpSpan,
  plainAttributes,
} from '@cruddur/wire/otlp'
import { SpanKind } from '@opentelemetry/api'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { Request, RequestHandler } from 'express'
import { readBody } from '../http/body.ts'
import { contextOf, receivedSpan } from './received-span.ts'
import { decodeLimits } from './relay.ts'
import { vendors } from './vendors.ts'

/**
 * Accepts the spans of the page's own server as part of the server's half. That server knows neither the vendors nor
 * which traces are kept.
 */
export const takeHops =
  (isPageServer: (req: Request) => boolean): RequestHandler =>
  async (req, res) => {
    if (req.method !== 'POST' || !isPageServer(req)) return void res.status(404).end()
    try {
      const request = decodeTraceRequest(await readBody(req, relayLimitBytes), 'application/x-protobuf', decodeLimits)
      const { traces, deployment } = vendors()
      for (const { resource, scopeSpans } of request.resourceSpans) {
        const from = resourceFromAttributes({
          ...plainAttributes(resource.attributes),
          ...deployment,
          'service.name': serviceName.frontendServer,
        })
        const spans = scopeSpans.flatMap((scope) => scope.spans)
        for (const span of spans.filter(isSound)) traces.server.onEnd(spanOfHop(span, from))
      }
      res.status(200).end()
    } catch (error) {
      if (!(error instanceof MalformedOtlp)) throw error
      res.status(400).end()
    }
  }

const isSound = ({ traceId, spanId, parentSpanId }: OtlpSpan): boolean =>
  isTraceId(traceId) && isSpanId(spanId) && isSpanId(parentSpanId)

const spanOfHop = (span: OtlpSpan, resource: Resource): ReadableSpan =>
  receivedSpan({
    name: span.name,
    kind: SpanKind.SERVER,
    context: contextOf(span.traceId, span.spanId),
    parentSpanContext: { ...contextOf(span.traceId, span.parentSpanId), isRemote: true },
    startNanos: BigInt(span.startTimeUnixNano),
    endNanos: BigInt(span.endTimeUnixNano),
    status: { code: span.status.code },
    attributes: plainAttributes(span.attributes),
    resource,
    instrumentationScope: { name: serviceName.frontendServer },
  })
