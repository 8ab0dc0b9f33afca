import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { browserAttr, hopsPath, relayPath, visitHeader } from '@cruddur/wire/names'
import { visitIdOf } from '@cruddur/wire/visit'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { exportSpans, type SpanAccount } from './span-export.ts'

/** The span of one request that this server passes on. */
export type Hop = {
  /** Sent to the backend, so that its span is a child of this one. */
  readonly headers: { readonly traceparent: string }
  /** The backend's answer begins. A 500 is not an error of this span, because the backend's own span has it. */
  readonly answered: (status: number) => void
  /** The backend did not answer, so this server does. */
  readonly unanswered: (status: number) => void
}

export type Hops = {
  /** null when the request carries no trace: this server joins traces but never starts one. */
  readonly begin: (incoming: IncomingMessage, response: ServerResponse) => Hop | null
  readonly account: () => SpanAccount | null
  readonly close: () => Promise<void>
}

export const noHops: Hops = { begin: () => null, account: () => null, close: async () => {} }

/** Bounds the size of a full batch, whatever paths clients send. */
const maxPathLength = 256
const closeTimeoutMs = 2_000

/** The spans go to the backend, which knows the vendors and decides which traces are kept. */
export const openHops = (backendUrl: URL, version: string, env: NodeJS.ProcessEnv): Hops => {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return noHops
  const batchDelayMs = Number(env.OTEL_BSP_SCHEDULE_DELAY) || 1_000
  const { processor, account } = exportSpans(backendUrl.href.replace(/\/$/, '') + hopsPath, batchDelayMs)
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.version': version })),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('cruddur.frontend-server', version)

  const begin = (incoming: IncomingMessage, response: ServerResponse): Hop | null => {
    const { method = '', url = '', headers } = incoming
    const parent = parseTraceParent(String(headers.traceparent ?? ''))
    if (!parent || url.startsWith(relayPath)) return null
    const path = (url.split('?', 1)[0] as string).slice(0, maxPathLength)
    const route = path.replace(/^(\/(?:api|relay)\/).*/, '$1*')
    const span = tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
      },
      trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }),
    )
    const visitId = visitIdOf(headers[visitHeader])
    if (visitId !== undefined) span.setAttribute(browserAttr.sessionId, visitId)
    const { traceId, spanId } = span.spanContext()
    const end = () => span.end()
    response.once('close', end)
    return {
      headers: { traceparent: `00-${traceId}-${spanId}-${parent.traceFlags.toString(16).padStart(2, '0')}` },
      answered: (status) => {
        span.setAttribute('http.response.status_code', status)
        // Otherwise the span of an event stream would last as long as the page is open.
        if (!String(response.getHeader('content-type')).startsWith('text/event-stream')) return
        response.off('close', end)
        end()
      },
      unanswered: (status) => {
        span.setAttributes({ 'http.response.status_code': status, 'error.type': 'unavailable' })
        span.setStatus({ code: SpanStatusCode.ERROR })
      },
    }
  }

  const close = () => Promise.race([processor.shutdown(), delay(closeTimeoutMs, undefined, { ref: false })])
  return { begin, account, close }
}
