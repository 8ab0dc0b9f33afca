import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { hopsPath } from '@cruddur/wire/names'
import { decodeTraceRequest, type OtlpSpan, plainAttributes } from '@cruddur/wire/otlp'
import { createFrontendServer } from '../frontend-server.ts'
import { type Hops, openHops } from './hops.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const parentId = 'b7ad6b7169203331'
const site = { files: new Map(), connectOrigins: [], inline: { scripts: [], styles: [] }, version: 'abc123' }

const spans: OtlpSpan[] = []
let resource: Record<string, unknown> = {}
let collectorStatus = 200
let seen: IncomingHttpHeaders
let answerWith: (response: ServerResponse) => void

const receiveSpans = async (incoming: IncomingMessage, response: ServerResponse) => {
  const { resourceSpans } = decodeTraceRequest(await buffer(incoming), 'application/x-protobuf')
  if (collectorStatus === 200) {
    for (const one of resourceSpans) {
      resource = plainAttributes(one.resource.attributes)
      spans.push(...one.scopeSpans.flatMap((scope) => scope.spans))
    }
  }
  response.writeHead(collectorStatus).end()
}
const backend = createServer((incoming, response) => {
  if (incoming.url === hopsPath) return void receiveSpans(incoming, response)
  seen = incoming.headers
  answerWith(response)
})
let hops: Hops
let server: Server

const listen = async (one: Server): Promise<string> => {
  await once(one.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`
}
const end = async (one: Server) => {
  one.close()
  one.closeAllConnections()
  await once(one, 'close')
}

let backendUrl: URL
before(async () => {
  backendUrl = new URL(await listen(backend))
})
after(() => end(backend))

const start = async (env: Record<string, string> = {}): Promise<string> => {
  hops = openHops(backendUrl, site.version, { OTEL_BSP_SCHEDULE_DELAY: '50', ...env })
  server = createFrontendServer({ site, backendUrl, isTls: false, hops })
  return listen(server)
}
afterEach(async () => {
  spans.length = 0
  collectorStatus = 200
  await hops.close()
  await end(server)
})

const ask = async (url: string, headers: Record<string, string> = {}): Promise<Headers> => {
  const answer = await fetch(url, { headers })
  await answer.arrayBuffer()
  return answer.headers
}
const exported = async (count: number): Promise<OtlpSpan[]> => {
  while (spans.length < count) await delay(10)
  return spans
}
const answerOk = (response: ServerResponse) => response.writeHead(200, { 'server-timing': 'total;dur=1' }).end('{}')

test('a request through this server is a span between the page and the backend', async () => {
  const url = await start()
  answerWith = answerOk
  const answer = await ask(`${url}/api/activities/home?term=secret`, {
    traceparent: `00-${traceId}-${parentId}-03`,
    tracestate: 'a=b',
    'x-visit': '000102030405060708090a0b0c0d0e0f',
  })
  const [span] = await exported(1)
  assert.ok(span)
  assert.equal(seen.traceparent, `00-${traceId}-${span.spanId}-03`, 'the flags are passed on unchanged')
  assert.equal(seen.tracestate, 'a=b')
  assert.equal(span.traceId, traceId)
  assert.equal(span.parentSpanId, parentId)
  assert.equal(span.kind, 2)
  assert.equal(span.name, 'GET /api/*')
  assert.deepEqual(plainAttributes(span.attributes), {
    'http.request.method': 'GET',
    'http.route': '/api/*',
    'http.response.status_code': 200,
    'session.id': 'd65df89f702eec58ca3c7bf2001c9ffc',
    'url.path': '/api/activities/home',
  })
  assert.equal(seen['x-visit'], '000102030405060708090a0b0c0d0e0f', 'the backend verifies it, too')
  assert.match(answer.get('server-timing') ?? '', /^total;dur=1, proxy;dur=\d+\.\d\d$/)
  assert.equal(resource['service.version'], 'abc123')
  assert.equal(resource['telemetry.sdk.name'], 'opentelemetry')
  while (hops.account()?.delivered !== 1) await delay(10)
  assert.deepEqual(await (await fetch(`${url}/health-check`)).json(), {
    signals: [{ name: 'proxy spans', created: 1, delivered: 1, queued: 0, dropped: {} }],
  })
})

test('a 500 from the backend is no error of the proxy span, but a missing answer is', async () => {
  const url = await start()
  const headers = { traceparent: `00-${traceId}-${parentId}-01` }
  answerWith = (response) => response.writeHead(500).end()
  await ask(`${url}/api/a`, headers)
  answerWith = (response) => response.destroy()
  await ask(`${url}/api/b`, headers)
  const exportedSpans = (await exported(2)).map(({ attributes, status }) => {
    const { 'url.path': path, 'http.response.status_code': code } = plainAttributes(attributes)
    return [path, code, status.code]
  })
  assert.deepEqual(exportedSpans, [
    ['/api/a', 500, 0],
    ['/api/b', 503, 2],
  ])
})

test('the server starts no trace, and requests to the relay are not traced', async () => {
  const url = await start()
  answerWith = answerOk
  await ask(`${url}/api/a`)
  assert.equal(seen.traceparent, undefined)
  await ask(`${url}/api/a`, { traceparent: '00-zz-1-01' })
  assert.equal(seen.traceparent, '00-zz-1-01')
  const own = `00-${traceId}-${parentId}-01`
  await ask(`${url}/relay/v1/traces`, { traceparent: own })
  assert.equal(seen.traceparent, own)
  assert.equal(hops.account()?.created, 0)
})

test('a client cannot choose the name of a span or the size of a batch', async () => {
  const url = await start()
  answerWith = answerOk
  const headers = { traceparent: `00-${traceId}-${parentId}-01` }
  await ask(`${url}/relay/whatever`, headers)
  await ask(`${url}/api/${'a'.repeat(10_000)}`, headers)
  const [ofRelay, ofApi] = await exported(2)
  assert.equal(ofRelay?.name, 'GET /relay/*')
  const { 'url.path': path } = plainAttributes(ofApi?.attributes ?? [])
  assert.equal(path, `/api/${'a'.repeat(251)}`)
})

test('the span of an event stream ends when the stream starts', async () => {
  const url = await start()
  answerWith = (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
  const stream = request(`${url}/api/live`, { headers: { traceparent: `00-${traceId}-${parentId}-01` } }).end()
  await exported(1)
  stream.on('error', () => {}).destroy()
})

test('with telemetry off there are no spans, and headers pass unchanged', async () => {
  const url = await start({ OTEL_SDK_DISABLED: 'true' })
  answerWith = answerOk
  const own = `00-${traceId}-${parentId}-01`
  assert.match((await ask(`${url}/api/a`, { traceparent: own })).get('server-timing') ?? '', /proxy;dur=/)
  assert.equal(seen.traceparent, own)
  assert.equal(hops.account(), null)
})

test('spans that the backend refused with 503 are sent again', async () => {
  const url = await start()
  answerWith = answerOk
  collectorStatus = 503
  await ask(`${url}/api/a`, { traceparent: `00-${traceId}-${parentId}-01` })
  while (hops.account()?.queued !== 1) await delay(10)
  await delay(1_000)
  collectorStatus = 200
  await exported(1)
})

test('spans that the backend refuses for good are counted as dropped', async () => {
  const url = await start()
  answerWith = answerOk
  collectorStatus = 401
  const headers = { traceparent: `00-${traceId}-${parentId}-01` }
  await ask(`${url}/api/a`, headers)
  while (!hops.account()?.dropped.http_401) await delay(10)
  const { created, delivered, queued, dropped } = hops.account() ?? assert.fail()
  assert.equal(created, delivered + queued + Object.values(dropped).reduce((sum, count) => sum + count, 0))
})
