import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { context, propagation, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { getRPCMetadata } from '@opentelemetry/core'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { redactRequests } from '../spans/span-processors.ts'
import { TraceContextPropagator } from '../spans/trace-context.ts'
import { until } from '../testing.ts'
import { LeanHttpInstrumentation } from './http.ts'

before(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new TraceContextPropagator())
})
after(() => {
  context.disable()
  propagation.disable()
})

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
/** The heads of requests, each on a connection of its own. */
const heads = [
  ['GET /api/activities/home?feed=following HTTP/1.1', 'Host: localhost:4567', 'User-Agent: a browser'],
  ['POST /api/activities/@worf/like HTTP/1.1', 'Host: 127.0.0.1', `traceparent: ${traceparent}`, 'Content-Length: 0'],
  ['GET /fails HTTP/1.1', 'Host: localhost:80'],
  [
    'GET /routed/7 HTTP/1.1',
    'Host: cruddur.example',
    'X-Forwarded-For: 10.0.0.1',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: www.cruddur.example',
  ],
  ['GET /a HTTP/1.1', 'Host: cruddur.example', 'X-Forwarded-Host: www.cruddur.example:8443'],
  ['GET /a HTTP/1.1', 'Host: a.example', 'X-Forwarded-Host: b.example', 'X-Forwarded-Proto: constructor'],
  ['GET /a HTTP/1.1', 'Host: a.example', 'X-Forwarded-Host: b.example', 'X-Forwarded-Proto: __proto__'],
  ['GET /a HTTP/1.1', 'Host: cruddur.example', 'Forwarded: for=192.0.2.60;proto=http;host=other.example'],
  ['GET /a/../b%20c?x=%41 HTTP/1.1', 'Host: localhost'],
  ['GET //evil.example/path HTTP/1.1', 'Host: localhost'],
  ['GET http://absolute.example/path HTTP/1.1', 'Host: localhost'],
  ['GET /a HTTP/1.1', 'Host: [::1]:80'],
  ['GET /a HTTP/1.1', 'Host: not a host'],
  ['GET /a HTTP/1.1', 'Host: 1.2.3.4.5:99999'],
  ['GET /a HTTP/1.0'],
  ['PROPFIND /a HTTP/1.1', 'Host: localhost'],
  ['GET /leaves HTTP/1.1', 'Host: localhost'],
  ['GET /ignored HTTP/1.1', 'Host: localhost'],
] as const

const spansWith = async (Instrumentation: typeof HttpInstrumentation | typeof LeanHttpInstrumentation) => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({
    spanProcessors: [redactRequests({ keepsClientAddress: false }), new SimpleSpanProcessor({ exporter })],
  })
  const instrumentation = new Instrumentation({
    enabled: false,
    ignoreIncomingRequestHook: ({ url }) => url === '/ignored',
  })
  instrumentation.setTracerProvider(provider)
  const seen: [string, boolean][] = []
  const server = http.createServer((request: IncomingMessage, response: ServerResponse) => {
    const isActive = () => trace.getActiveSpan() !== undefined
    seen.push([`${request.url} begins`, isActive()])
    response.on('close', () => seen.push([`${request.url} ends`, isActive()]))
    const metadata = getRPCMetadata(context.active())
    if (metadata && request.url?.startsWith('/routed')) metadata.route = '/routed/:id'
    if (request.url === '/leaves') return void request.socket.destroy()
    response.writeHead(request.url === '/fails' ? 503 : 200).end('an answer')
  })
  const patches = instrumentation as unknown as {
    _incomingRequestFunction: (component: string, emit: unknown) => unknown
  }
  Object.assign(server, { emit: patches._incomingRequestFunction('http', http.Server.prototype.emit) })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  for (const [at, head] of heads.entries()) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`)
    await text(socket).catch(() => {})
    await until(() => seen.length === 2 * (at + 1))
  }
  server.close()
  const spans = exporter
    .getFinishedSpans()
    .map(({ name, kind, attributes, status, events, parentSpanContext, ...span }) => ({
      ...{ name, kind, status, events: events.length, parent: parentSpanContext?.spanId },
      attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined)),
      scope: span.instrumentationScope.name,
    }))
  return { spans, seen }
}

test('makes the same spans as the stock instrumentation, and runs the handlers in the same contexts', async () => {
  const stock = await spansWith(HttpInstrumentation)
  const lean = await spansWith(LeanHttpInstrumentation)
  assert.equal(stock.spans.length, heads.length - 1)
  assert.deepEqual(lean.spans, stock.spans)
  assert.deepEqual(lean.seen, stock.seen)
})
