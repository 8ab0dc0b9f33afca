import type { IncomingMessage, ServerResponse } from 'node:http'
import { hopsPath, relayPath } from '@cruddur/shared/telemetry'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { parseTraceParent } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { type SpanAccount, SpanOutbox } from './span-outbox.ts'

/** One request on its way through this server. */
export type Hop = {
  /** What the backend is told, so that its span is a child of this one. */
  readonly traceparent: string
  /** The backend's answer begins. A fault is the backend's, and its span says so. */
  readonly answered: (status: number) => void
  /** The backend gave none, so this server answers. */
  readonly unanswered: (status: number) => void
}

export type Hops = {
  /** null for a request that is in no trace: this server joins traces and begins none. */
  readonly begin: (incoming: IncomingMessage, response: ServerResponse) => Hop | null
  readonly account: () => SpanAccount | null
  readonly close: () => Promise<void>
}

export const noHops: Hops = { begin: () => null, account: () => null, close: async () => {} }

/** Whatever strangers ask for, a full batch is not larger than the backend takes. */
const longestPath = 256

/** Its spans go to the backend, which knows the vendors, and which traces are kept. */
export const openHops = (backendUrl: URL, version: string, env: NodeJS.ProcessEnv): Hops => {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return noHops
  const lingerMs = Number(env.OTEL_BSP_SCHEDULE_DELAY) || 1_000
  const outbox = new SpanOutbox({ url: backendUrl.href.replace(/\/$/, '') + hopsPath, lingerMs })
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.version': version })),
    // The backend decides what is kept.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [outbox],
  })
  const tracer = provider.getTracer('cruddur.frontend-server', version)

  const begin = (incoming: IncomingMessage, response: ServerResponse): Hop | null => {
    const { method = '', url = '', headers } = incoming
    const parent = parseTraceParent(String(headers.traceparent ?? ''))
    if (!parent || url.startsWith(relayPath)) return null
    const path = (url.split('?', 1)[0] as string).slice(0, longestPath)
    const route = path.replace(/^(\/(?:api|relay)\/).*/, '$1*')
    const span = tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
      },
      trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }),
    )
    const { traceId, spanId } = span.spanContext()
    const end = () => span.end()
    response.once('close', end)
    return {
      traceparent: `00-${traceId}-${spanId}-${parent.traceFlags.toString(16).padStart(2, '0')}`,
      answered: (status) => {
        span.setAttribute('http.response.status_code', status)
        // A stream of events would be a span as long as the page is open.
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

  return { begin, account: () => outbox.account(), close: () => outbox.shutdown() }
}
