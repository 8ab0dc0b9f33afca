import type { IncomingMessage, ServerResponse } from 'node:http'
import { completeEnvironment } from '@cruddur/shared/environment'
import { callerKey, relayPath, serviceName } from '@cruddur/shared/telemetry'
import { parseServerTiming } from '@cruddur/shared/times'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { parseKeyPairsIntoRecord, parseTraceParent } from '@opentelemetry/core'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { type Destination, type SpanAccount, SpanOutbox } from './span-outbox.ts'

/** One request on its way through this server. */
export type Hop = {
  /** What the backend is told, so that its span is a child of this one. */
  readonly headers: { readonly traceparent: string; readonly tracestate: string }
  /** The backend's answer begins; null: it gave none. */
  readonly answered: (status: number, serverTiming: string | null) => void
}

export type Hops = {
  /** null for a request that is in no trace: this server joins traces and begins none. */
  readonly begin: (incoming: IncomingMessage, response: ServerResponse) => Hop | null
  readonly account: () => SpanAccount | null
  readonly close: () => Promise<void>
}

export const noHops: Hops = { begin: () => null, account: () => null, close: async () => {} }

/** As the environment asks for it, by the same names as the backend's. */
export const hopsFromEnvironment = (given: NodeJS.ProcessEnv, version: string): Hops => {
  const env = completeEnvironment(given, serviceName.frontendServer)
  const exporters = (env.OTEL_TRACES_EXPORTER || 'otlp').split(',').map((name) => name.trim())
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || /always_off$/.test(env.OTEL_TRACES_SAMPLER ?? '')
  if (isOff || !exporters.includes('otlp')) return noHops
  const lingerMs = Number(env.OTEL_BSP_SCHEDULE_DELAY) || 1_000
  return openHops(new SpanOutbox({ ...destinationOf(env), lingerMs }), version, env)
}

const mostMembers = 32
const membersOf = (tracestate: string | string[] | undefined): string[] =>
  String(tracestate ?? '')
    .split(',')
    .filter((member) => member.trim() !== '')

const destinationOf = (env: NodeJS.ProcessEnv): Destination => {
  const everywhere = env.OTEL_EXPORTER_OTLP_ENDPOINT || 'http://localhost:4318'
  return {
    url: env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || `${everywhere.replace(/\/$/, '')}/v1/traces`,
    headers: {
      ...parseKeyPairsIntoRecord(env.OTEL_EXPORTER_OTLP_HEADERS),
      ...parseKeyPairsIntoRecord(env.OTEL_EXPORTER_OTLP_TRACES_HEADERS),
    },
  }
}

const openHops = (outbox: SpanOutbox, version: string, env: NodeJS.ProcessEnv): Hops => {
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(
      resourceFromAttributes({
        'deployment.environment.name': env.NODE_ENV || 'development',
        ...parseKeyPairsIntoRecord(env.OTEL_RESOURCE_ATTRIBUTES),
        'service.name': serviceName.frontendServer,
        'service.version': version,
      }),
    ),
    // The backend decides what is kept, and its answer says so.
    sampler: new AlwaysOnSampler(),
    spanProcessors: [outbox],
  })
  const tracer = provider.getTracer('cruddur.frontend-server', version)

  const begin = (incoming: IncomingMessage, response: ServerResponse): Hop | null => {
    const { method = '', url = '', headers } = incoming
    const parent = parseTraceParent(String(headers.traceparent ?? ''))
    if (!parent || url.startsWith(relayPath)) return null
    const path = url.split('?', 1)[0] as string
    const route = path.startsWith('/api/') ? '/api/*' : path
    const span = tracer.startSpan(
      `${method} ${route}`,
      {
        kind: SpanKind.SERVER,
        attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
      },
      trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }),
    )
    const { traceId, spanId } = span.spanContext()
    let isKept = true
    // A span that is not kept is never ended.
    const end = () => {
      if (isKept) span.end()
    }
    response.once('close', end)
    return {
      headers: {
        traceparent: `00-${traceId}-${spanId}-${parent.traceFlags.toString(16).padStart(2, '0')}`,
        tracestate: [`${callerKey}=${parent.spanId}`, ...membersOf(headers.tracestate)].slice(0, mostMembers).join(','),
      },
      answered: (status, timing) => {
        span.setAttribute('http.response.status_code', status)
        if (status >= 500) {
          span.setAttribute('error.type', String(status)).setStatus({ code: SpanStatusCode.ERROR })
        }
        const kept = parseServerTiming(timing).traceparent
        isKept = kept === null || kept.endsWith('-01')
        // A stream of events would be a span as long as the page is open.
        if (!String(response.getHeader('content-type')).startsWith('text/event-stream')) return
        response.off('close', end)
        end()
      },
    }
  }

  return { begin, account: () => outbox.account(), close: () => outbox.shutdown() }
}
