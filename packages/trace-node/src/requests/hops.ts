import { hopsPath, relayLimitBytes } from '@cruddur/wire/names'
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
import { contextOf, receivedSpan } from '../spans/received-span.ts'
import { vendors } from '../vendors.ts'
import { BodyError, readBody } from './body.ts'
import { type Handler, type Incoming, pathOf } from './incoming.ts'
import { decodeLimits } from './relay.ts'

type Options<Req extends Incoming> = {
  /** Whether the page's own server sent the request. Without it, anyone could write spans under that server's name. */
  readonly isPageServer: (req: Req) => boolean
  /** The name of that server's service. */
  readonly service: string
}

/**
 * Accepts the spans of the page's own server as part of the server's half. That server knows neither the vendors nor
 * which traces are kept.
 */
export const hops = <Req extends Incoming = Incoming>({ isPageServer, service }: Options<Req>): Handler<Req> => {
  const take = async (req: Req): Promise<number> => {
    if (req.method !== 'POST' || !isPageServer(req)) return 404
    try {
      const request = decodeTraceRequest(await readBody(req, relayLimitBytes), 'application/x-protobuf', decodeLimits)
      const { traces, deployment } = vendors()
      for (const { resource, scopeSpans } of request.resourceSpans) {
        const from = resourceFromAttributes({
          ...plainAttributes(resource.attributes),
          ...deployment,
          'service.name': service,
        })
        const spans = scopeSpans.flatMap((scope) => scope.spans)
        for (const span of spans.filter(isSound)) traces.server.onEnd(spanOfHop(span, from))
      }
      return 200
    } catch (error) {
      if (error instanceof BodyError) return error.status
      if (error instanceof MalformedOtlp) return 400
      throw error
    }
  }
  return (req, res, next) => {
    if (next && pathOf(req) !== hopsPath) return next()
    take(req).then((status) => void res.writeHead(status).end(), next)
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
    instrumentationScope: { name: String(resource.attributes['service.name']) },
  })
