import { errorMonitor } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Attributes,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { type RPCMetadata, RPCType, setRPCMetadata } from '@opentelemetry/core'
import { HttpInstrumentation, type HttpInstrumentationConfig } from '@opentelemetry/instrumentation-http'
import { remembered } from '../remembered.ts'
import { emitIn, emptyContext } from './context.ts'
import { startSpan } from './start-span.ts'

type Emit = (this: unknown, event: string, ...args: unknown[]) => boolean

/** The method of the stock instrumentation that makes the span of a request. */
type Patches = { tracer: Tracer; _incomingRequestFunction(component: 'http' | 'https', emit: Emit): Emit }
type Stock = Pick<HttpInstrumentation, keyof HttpInstrumentation> & Patches
const Stock = HttpInstrumentation as unknown as new (config: HttpInstrumentationConfig) => Stock

/**
 * The spans of the stock instrumentation, for usual requests. The stock one also prepares measurements, parses each URL,
 * and adds query strings and client addresses, which `redactRequests` then removes. All other requests go to it.
 */
export class LeanHttpInstrumentation extends Stock {
  override _incomingRequestFunction(component: 'http' | 'https', emit: Emit): Emit {
    const usual = super._incomingRequestFunction(component, emit)
    const isIgnored = (request: IncomingMessage) => this.getConfig().ignoreIncomingRequestHook?.(request) === true
    const start = (request: IncomingMessage, attributes: Attributes) => {
      const parent = propagation.extract(emptyContext, request.headers)
      const span = startSpan(this.tracer, request.method as string, SpanKind.SERVER, attributes, parent)
      return { span, parent }
    }
    return function (event, ...args) {
      if (event !== 'request') return emit.call(this, event, ...args)
      const [request, response] = args as [IncomingMessage, ServerResponse]
      const attributes = attributesOf(component, request)
      if (!attributes || isIgnored(request)) return usual.call(this, event, ...args)
      const { span, parent } = start(request, attributes)
      const metadata: RPCMetadata = { type: RPCType.HTTP, span }
      const own = setRPCMetadata(trace.setSpan(parent, span), metadata)
      let hasEnded = false
      const fail = (error: Error | null) => {
        if (!hasEnded) endFailed(span, error)
        hasEnded = true
      }
      response.on('close', () => {
        if (!hasEnded) endAnswered(span, request, response, metadata.route)
        hasEnded = true
      })
      response.on(errorMonitor, fail)
      emitIn(own, request)
      emitIn(own, response)
      try {
        return context.with(own, emit, this, event, ...args)
      } catch (error) {
        fail(error as Error | null)
        throw error
      }
    }
  }
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
/** Requests with a longer host or path go to the stock instrumentation. */
const longest = 1_000
/** A path that the parser of URLs would not change. */
const plainPath = /^\/(?!\/)[\w~@/-]*(?=\?|$)/

/** null: the request has something that only the stock instrumentation reads. */
const attributesOf = (
  component: string,
  { method, url = '', headers, httpVersion }: IncomingMessage,
): Attributes | null => {
  const { host, forwarded, 'x-forwarded-host': givenHost, 'x-forwarded-proto': protocol } = headers
  if (!method || !methods.has(method) || !host || forwarded !== undefined || Array.isArray(protocol)) return null
  if (url.length + host.length + String(givenHost ?? '').length > longest) return null
  const path = plainPath.exec(url)?.[0]
  const known = addressOf(`${component}://${host}`)
  const asked = givenHost === undefined ? known : addressOf(`${protocol ?? ''}://${String(givenHost)}`)
  if (path === undefined || known === null || asked === null) return null
  return {
    'http.request.method': method,
    'url.scheme': component,
    'server.address': asked.host,
    'network.protocol.version': httpVersion,
    'user_agent.original': headers['user-agent'],
    'url.path': path,
    'server.port': asked.port,
  }
}

const usualPorts = new Map([
  ['http', 80],
  ['https', 443],
])

type Address = { readonly host: string; readonly port: number | undefined }

const addressOf = remembered((origin): Address | null => {
  const [, protocol = '', host, port] = /^(\w*):\/\/([\w.-]+)(?::(\d{1,5}))?$/.exec(origin) ?? []
  if (!host || !URL.canParse(`http://${host}:${port ?? 80}`)) return null
  return { host, port: port === undefined ? usualPorts.get(protocol) : Number(port) }
})

const endAnswered = (span: Span, { method }: IncomingMessage, { statusCode }: ServerResponse, route?: string): void => {
  span.setAttribute('http.response.status_code', statusCode)
  if (route !== undefined) span.setAttribute('http.route', route)
  if (statusCode < 100 || statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
  if (statusCode >= 500 && statusCode < 600) span.setAttribute('error.type', String(statusCode))
  if (route) span.updateName(`${method} ${route}`)
  span.end()
}

const endFailed = (span: Span, error: Error | null): void => {
  if (error) {
    span.setAttribute('error.type', error.name)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
    span.recordException(error)
  }
  span.end()
}
