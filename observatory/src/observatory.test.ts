import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as rawRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { createObservatory } from './observatory.ts'
import { otlpRequest, otlpSpan } from './testing/otlp.ts'
import type { Trace, TraceList } from './trace/span.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'

const start = async (t: TestContext) => {
  const { server, close } = createObservatory({ pageFolder: '/nowhere' })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(close)
  const port = (server.address() as AddressInfo).port
  const url = `http://127.0.0.1:${port}`
  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(`${url}/v1/traces`, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': 'application/json', ...headers },
    })
  const list = async (query = ''): Promise<TraceList> => (await fetch(`${url}/api/traces${query}`)).json() as never
  const trace = async (): Promise<Trace> => (await fetch(`${url}/api/traces/${traceId}`)).json() as never
  return { url, port, post, list, trace }
}

/** The same request as `otlpRequest([otlpSpan({ attributes: [] })])`, in protobuf. */
const protobufRequest = (): Uint8Array => {
  const field = (number: number, content: Uint8Array | string) =>
    Buffer.concat([Buffer.from([number * 8 + 2, Buffer.byteLength(content)]), Buffer.from(content as string)])
  const time = (number: number, nanos: bigint) => {
    const bytes = Buffer.alloc(9, number * 8 + 1)
    bytes.writeBigUInt64LE(nanos, 1)
    return bytes
  }
  const span = Buffer.concat([
    field(1, Buffer.from(traceId, 'hex')),
    field(2, Buffer.from('b7ad6b7169203331', 'hex')),
    field(5, 'GET /'),
    Buffer.from([6 * 8, 2]),
    time(7, 1795214400123456789n),
    time(8, 1795214400133456789n),
  ])
  const resource = field(1, field(1, Buffer.concat([field(1, 'service.name'), field(2, field(1, 'cruddur-backend'))])))
  return field(1, Buffer.concat([resource, field(2, field(2, span))]))
}

test('a JSON span is accepted, answered with {} and read back flat', async (t) => {
  const { post, trace } = await start(t)
  const answer = await post(JSON.stringify(otlpRequest([otlpSpan({ parentSpanId: '00f067aa0ba902b7' })])))
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'application/json')
  assert.equal(await answer.text(), '{}')
  const { spans, segments, items, logs, findings } = await trace()
  assert.deepEqual([segments, items, logs], [[], [], []])
  assert.deepEqual(
    findings.map(({ code }) => code),
    ['incomplete'],
  )
  assert.deepEqual(spans, [
    {
      traceId,
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      name: 'GET /api/activities/home',
      kind: 'server',
      service: 'cruddur-backend',
      startMs: 1795214400123.456,
      durationMs: 10,
      status: { code: 'unset', message: '' },
      attributes: { 'http.route': '/api/activities/home' },
      resource: { 'service.name': 'cruddur-backend' },
      scope: { name: 'test', version: '1' },
      events: [],
      links: [],
    },
  ])
})

for (const type of ['application/x-protobuf', 'application/protobuf']) {
  test(`a span in ${type} is accepted and answered with an empty message of that type`, async (t) => {
    const { post, trace } = await start(t)
    const answer = await post(protobufRequest(), { 'content-type': type })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers.get('content-type'), type)
    assert.equal((await answer.arrayBuffer()).byteLength, 0)
    const [span] = (await trace()).spans
    assert.equal(span?.name, 'GET /')
    assert.equal(span?.service, 'cruddur-backend')
    assert.equal(span?.durationMs, 10)
  })
}

test('gzip is unpacked', async (t) => {
  const { post, trace } = await start(t)
  const body = gzipSync(JSON.stringify(otlpRequest([otlpSpan()])))
  assert.equal((await post(body, { 'content-encoding': 'gzip' })).status, 200)
  assert.equal((await trace()).spans.length, 1)
})

test('a gzip bomb is refused as soon as it is too large', async (t) => {
  const { post, list } = await start(t)
  const answer = await post(gzipSync(Buffer.alloc(200 * 1024 * 1024)), { 'content-encoding': 'gzip' })
  assert.equal(answer.status, 413)
  assert.deepEqual(await answer.json(), { code: 8, message: 'the body is larger than 20 MiB' })
  assert.equal((await list()).status.refused.requests, 1)
})

test('a body whose declared length is too large is refused before it is sent', async (t) => {
  const { port } = await start(t)
  const request = rawRequest({
    port,
    method: 'POST',
    path: '/v1/traces',
    headers: { 'content-type': 'application/json', 'content-length': 30 * 1024 * 1024 },
  })
  request.flushHeaders()
  const [answer] = await once(request, 'response')
  assert.equal(answer.statusCode, 413)
  request.destroy()
})

test('a malformed body is refused with a google.rpc.Status in the content type of the request', async (t) => {
  const { post } = await start(t)
  const asJson = await post('{"resourceSpans":7}')
  assert.equal(asJson.status, 400)
  assert.deepEqual(await asJson.json(), {
    code: 3,
    message: 'failed to parse OTLP request body: resourceSpans is not an array',
  })
  const asProtobuf = await post(Buffer.from([0xff, 0xff]), { 'content-type': 'application/x-protobuf' })
  assert.equal(asProtobuf.status, 400)
  assert.equal(asProtobuf.headers.get('content-type'), 'application/x-protobuf')
  const message = Buffer.from(await asProtobuf.arrayBuffer())
  assert.deepEqual([...message.subarray(0, 3)], [0x08, 3, 0x12])
  assert.match(message.toString(), /failed to parse OTLP request body/)
  assert.equal((await post('no gzip at all', { 'content-encoding': 'gzip' })).status, 400)
})

test('OTLP log records appear with the spans of their trace, metrics are accepted, and malformed bodies are refused', async (t) => {
  const { url, trace, list } = await start(t)
  const postTo = (path: string, body: object) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const spanId = 'b7ad6b7169203331'
  const record = {
    timeUnixNano: `${Date.now()}000000`,
    severityText: 'WARN',
    body: { stringValue: 'a line' },
    attributes: [{ key: 'http.route', value: { stringValue: '/x' } }],
    traceId,
    spanId,
  }
  const logs = { resourceLogs: [{ resource: { attributes: [] }, scopeLogs: [{ logRecords: [record] }] }] }
  assert.equal((await postTo('/v1/logs', logs)).status, 200)
  const [line] = (await trace()).logs
  assert.deepEqual(
    { group: line?.group, level: line?.level, message: line?.message, spanId: line?.spanId, fields: line?.fields },
    { group: 'OTLP', level: 'warn', message: 'a line', spanId, fields: { 'http.route': '/x' } },
  )
  const metrics = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'http.server.request.duration' }] }] }] }
  for (let time = 0; time < 2; time++) assert.equal((await postTo('/v1/metrics', metrics)).status, 200)
  assert.equal((await list()).status.metrics, 1)
  assert.equal((await postTo('/v1/metrics', { resourceMetrics: 7 })).status, 400)
  assert.equal((await postTo('/v1/logs', { resourceLogs: 7 })).status, 400)
})

test('another content type or encoding is refused with 415', async (t) => {
  const { post } = await start(t)
  assert.equal((await post('x', { 'content-type': 'text/plain' })).status, 415)
  assert.equal((await post('x', { 'content-encoding': 'br' })).status, 415)
})

test('a span with a wrong id is refused alone and shown with the reason', async (t) => {
  const { post, list, trace } = await start(t)
  const wrong = [
    otlpSpan({ traceId: '0'.repeat(32) }),
    otlpSpan({ spanId: 'b7ad' }),
    otlpSpan({ parentSpanId: '0'.repeat(16) }),
    otlpSpan({ startTimeUnixNano: '0' }),
  ]
  assert.equal((await post(JSON.stringify(otlpRequest([...wrong, otlpSpan()])))).status, 200)
  assert.equal((await trace()).spans.length, 1)
  const { status } = await list()
  assert.equal(status.refused.spans, 4)
  assert.match(status.refusals.at(-1)?.reason ?? '', /trace id/)
  assert.match(status.refusals[2]?.reason ?? '', /span id/)
  assert.equal(status.refusals[2]?.traceId, traceId)
  assert.equal(status.refusals[2]?.vendor, 'honeycomb')
})

test('an unknown trace is a 404 in JSON, and DELETE empties the window', async (t) => {
  const { url, post, list } = await start(t)
  const unknown = await fetch(`${url}/api/traces/${traceId}`)
  assert.equal(unknown.status, 404)
  assert.match(unknown.headers.get('content-type') ?? '', /application\/json/)
  await post(JSON.stringify(otlpRequest([otlpSpan()])))
  assert.equal((await list()).matching, 1)
  assert.equal((await fetch(`${url}/api/traces`, { method: 'DELETE' })).status, 204)
  assert.equal((await list()).matching, 0)
})

test('a limit that is not a number is refused with a sentence', async (t) => {
  const { url } = await start(t)
  const answer = await fetch(`${url}/api/traces?limit=many`)
  assert.equal(answer.status, 400)
  assert.deepEqual(await answer.json(), { message: 'limit is not a number from 1 to 500' })
})

test('a page that listens is told which trace has changed', async (t) => {
  const { url, post } = await start(t)
  const answer = await fetch(`${url}/api/live`)
  assert.equal(answer.headers.get('content-type'), 'text/event-stream')
  await post(JSON.stringify(otlpRequest([otlpSpan()])))
  let heard = ''
  for await (const chunk of answer.body ?? []) {
    heard += Buffer.from(chunk).toString()
    if (heard.includes('changed')) break
  }
  assert.match(heard, new RegExp(`event: changed\\ndata: {"traces":\\["${traceId}"\\]}`))
})

test('a foreign host name is refused, whatever it resolves to', async (t) => {
  const { port } = await start(t)
  const statusFor = async (host: string) => {
    const request = rawRequest({ port, path: '/api/traces', headers: { host } }).end()
    const [answer] = await once(request, 'response')
    answer.resume()
    return answer.statusCode
  }
  for (const host of ['localhost', `localhost:${port}`, '127.0.0.1:1', '[::1]:4318'])
    assert.equal(await statusFor(host), 200)
  for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.nip.io', 'x@localhost']) {
    assert.equal(await statusFor(host), 403, host)
  }
})

test('a page of this machine may send OTLP from another port, and a page from elsewhere may not', async (t) => {
  const { url, post } = await start(t)
  const allowedFor = async (origin: string, path = '/v1/traces') => {
    const headers = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    }
    const answer = await fetch(url + path, { method: 'OPTIONS', headers })
    const allowed = ['origin', 'headers'].map((what) => answer.headers.get(`access-control-allow-${what}`))
    return [answer.status === 204, ...allowed]
  }
  for (const origin of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:5173'])
    assert.deepEqual(await allowedFor(origin), [true, origin, 'content-type'])
  for (const origin of ['https://evil.example', 'http://localhost.evil.example', 'null'])
    assert.deepEqual((await allowedFor(origin)).slice(1), [null, null], origin)
  assert.deepEqual((await allowedFor('http://localhost:3000', '/api/traces')).slice(1), [null, null])
  const origin = 'http://localhost:3000'
  const answer = await post(JSON.stringify(otlpRequest([otlpSpan()])), { origin })
  assert.equal(answer.headers.get('access-control-allow-origin'), origin)
})

test('the page cannot be framed, run scripts from elsewhere or be read by another origin', async (t) => {
  const { url } = await start(t)
  const answer = await fetch(`${url}/`, { headers: { origin: 'https://evil.example' } })
  assert.equal(answer.status, 200)
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'; script-src 'self';/)
  assert.doesNotMatch(answer.headers.get('content-security-policy') ?? '', /unsafe|\*/)
  assert.equal(answer.headers.get('access-control-allow-origin'), null)
  assert.match(await answer.text(), /npm run build -w observatory/)
})

test('an unknown path is a page for a browser and JSON for a program', async (t) => {
  const { url } = await start(t)
  const browser = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } }
  const typeOf = async (path: string, init = {}) => {
    const answer = await fetch(`${url}${path}`, init)
    return [answer.status, answer.headers.get('content-type')?.split(';')[0]]
  }
  assert.deepEqual(await typeOf('/nowhere', browser), [404, 'text/html'])
  assert.deepEqual(await typeOf('/nowhere'), [404, 'application/json'])
  assert.deepEqual(await typeOf('/api/nowhere', browser), [404, 'application/json'])
})

test('a path outside the page’s folder does not exist', async (t) => {
  const { port } = await start(t)
  for (const path of ['/../package.json', '/assets/..%2f..%2fpackage.json', '/traces/a/b', '/etc/passwd']) {
    const request = rawRequest({ port, path }).end()
    const [answer] = await once(request, 'response')
    answer.resume()
    assert.equal(answer.statusCode, 404, path)
  }
})

test('many unfinished uploads do not fill the memory, and small requests still work', async (t) => {
  const { port, post } = await start(t)
  const part = Buffer.alloc(16 * 1024 * 1024, ' ')
  const uploads: { sent: ReturnType<typeof rawRequest>; answered: Promise<number> }[] = []
  const upload = (path: string, declared: number) => {
    const headers = { 'content-type': 'application/json', 'content-length': declared }
    const sent = rawRequest({ port, host: '127.0.0.1', path, method: 'POST', headers, agent: false })
    const answered = new Promise<number>((resolve) => {
      sent.once('response', (answer) => resolve(answer.resume().statusCode ?? 0)).on('error', () => resolve(0))
    })
    sent.write(part)
    uploads.push({ sent, answered })
    return answered
  }
  const before = process.memoryUsage().arrayBuffers
  const traces = Array.from({ length: 6 }, () => upload('/v1/traces', part.length + 1))
  assert.equal(await Promise.race(traces), 503)
  for (let n = 0; n < 6; n++) void upload('/api/1/sourcemap', 64 * 1024 * 1024)
  assert.equal((await post(JSON.stringify(otlpRequest([otlpSpan()])))).status, 200)
  const held = process.memoryUsage().arrayBuffers - before
  assert.ok(held < 100 * 1024 * 1024, `${held} bytes are held`)

  for (const { sent } of uploads) sent.destroy()
  await Promise.all(uploads.map(({ answered }) => answered))
  let status = 0
  while (status !== 400) status = (await post(part)).status
  assert.equal(status, 400, 'there is room again, and the body is not JSON')
})
