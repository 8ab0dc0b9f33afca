import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs'
import { ProtobufLogsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { Fault } from './fault.ts'
import { startHoneycomb, startRollbar, startVendorDoubles } from './vendor-doubles.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const span = (fields: object = {}) => ({
  traceId,
  spanId: 'b7ad6b7169203331',
  name: 'GET /',
  kind: 2,
  startTimeUnixNano: '1795214400123456789',
  endTimeUnixNano: '1795214400133456789',
  status: { code: 2, message: 'broken' },
  ...fields,
})
const spansOf = (...spans: object[]) => {
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'a-service' } }] }
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ scope: {}, spans }] }] })
}
const json = { 'content-type': 'application/json' }
const post = (url: string, body: string, headers: Record<string, string> = json, signal?: AbortSignal) =>
  fetch(url, { method: 'POST', headers, body, ...(signal && { signal }) })

const start = async (t: TestContext, options: Parameters<typeof startVendorDoubles>[0] = {}) => {
  const vendors = await startVendorDoubles(options)
  t.after(vendors.stop)
  return vendors
}

test('each vendor keeps what it receives', async (t) => {
  const vendors = await start(t)
  const { honeycomb, rollbar, cloudwatch, xray } = vendors

  await post(`${honeycomb.url}/v1/traces`, spansOf(span(), span({ spanId: 'short' })))
  const { name, kind, service, durationMs, parentSpanId, status, statusMessage } = honeycomb.spans[0] ?? {}
  assert.deepEqual(
    { name, kind, service, durationMs, parentSpanId, status, statusMessage },
    {
      name: 'GET /',
      kind: 'server',
      service: 'a-service',
      durationMs: 10,
      parentSpanId: null,
      status: 'error',
      statusMessage: 'broken',
    },
  )
  assert.deepEqual(
    honeycomb.refused.map(({ what, reason }) => [what, reason]),
    [['span', 'its span id is not 8 bytes, or is all zeros']],
  )

  const data = { environment: 'test', body: { message: { body: 'words' } } }
  await post(rollbar.endpoint, JSON.stringify({ data }), { 'x-rollbar-access-token': 'a-token' })
  assert.deepEqual(rollbar.items[0]?.body, data.body)
  assert.match(rollbar.items[0]?.uuid ?? '', /^[0-9a-f]{32}$/)

  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const logs = new CloudWatchLogs({ endpoint: cloudwatch.url, region: 'us-east-1', credentials })
  t.after(() => logs.destroy())
  await logs.createLogGroup({ logGroupName: 'group' })
  await logs.createLogStream({ logGroupName: 'group', logStreamName: 'stream' })
  const event = { message: 'a line', timestamp: Date.now() }
  await logs.putLogEvents({ logGroupName: 'group', logStreamName: 'stream', logEvents: [event] })
  assert.deepEqual(
    cloudwatch.lines.map(({ group, stream, timeMs, message }) => ({ group, stream, timeMs, message })),
    [{ group: 'group', stream: 'stream', timeMs: event.timestamp, message: 'a line' }],
  )

  const udp = createSocket('udp4')
  t.after(() => udp.close())
  const segment = { name: 'a', id: '53995c3f42cd8ad8', trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}` }
  const document = JSON.stringify({ ...segment, start_time: 1, end_time: 2 })
  udp.send(`{"format":"json","version":1}\n${document}`, xray.port, '127.0.0.1')
  await xray.waitFor((segments) => segments.length === 1)
  assert.equal(xray.segments[0]?.id, segment.id)

  assert.deepEqual(vendors.env, {
    OTEL_EXPORTER_OTLP_ENDPOINT: honeycomb.url,
    AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${xray.port}`,
    ROLLBAR_ENDPOINT: `${rollbar.url}/api/1/item/`,
    ROLLBAR_ACCESS_TOKEN: 'a-token',
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: cloudwatch.url,
    AWS_REGION: 'us-east-1',
  })
})

test('a request without the required key is refused', async (t) => {
  const { honeycomb, rollbar } = await start(t, { honeycomb: { key: 'right' }, rollbar: { token: 'right' } })
  const statusOf = async (key: string) =>
    (await post(`${honeycomb.url}/v1/traces`, spansOf(span()), { ...json, 'x-honeycomb-team': key })).status
  assert.deepEqual([await statusOf('wrong'), await statusOf('right')], [401, 200])
  assert.equal((await fetch(`${honeycomb.url}/1/auth`)).status, 401)
  assert.equal((await post(rollbar.endpoint, '{}', { 'x-rollbar-access-token': 'wrong' })).status, 401)
})

test('waitFor gives up and shows what came last', async (t) => {
  const { honeycomb } = await start(t)
  await post(`${honeycomb.url}/v1/traces`, spansOf(span()))
  await assert.rejects(
    honeycomb.waitFor((spans) => spans.length > 1, 20),
    /not within 20 ms.*\na-service server GET \/ 0af7/,
  )
})

const answers: [name: string, fault: Fault, status: number, body: RegExp][] = [
  ['401', '401', 401, /missing 'x-honeycomb-team' header/],
  ['429', '429', 429, /rate-limited/],
  ['500', '500', 500, /internal error/],
  ['HTML 502', 'HTML 502', 502, /Bad Gateway/],
  ['garbage', 'garbage', 200, /^<html>$/],
  ['partial success', 'partial success', 200, /"rejectedSpans":"2"/],
  ['a status', { status: 503 }, 503, /^$/],
  ['a function', ({ path }) => ({ status: 418, body: path }), 418, /^\/v1\/traces$/],
]
for (const [name, fault, status, body] of answers) {
  test(`${name}: an answer of ${status}, and nothing is stored`, async (t) => {
    const honeycomb = await startHoneycomb()
    t.after(honeycomb.stop)
    honeycomb.fault = fault
    const answer = await post(`${honeycomb.url}/v1/traces`, spansOf(span(), span()))
    assert.equal(answer.status, status)
    assert.match(await answer.text(), body)
    assert.deepEqual([honeycomb.spans.length, honeycomb.requests.length], [0, 1])
    honeycomb.fault = null
    assert.equal((await post(`${honeycomb.url}/v1/traces`, spansOf(span()))).status, 200)
    assert.equal(honeycomb.spans.length, 1)
  })
}

test('a function that returns null lets the vendor answer', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  honeycomb.fault = ({ path }) => (path === '/1/auth' ? { status: 503 } : null)
  assert.equal((await fetch(`${honeycomb.url}/1/auth`)).status, 503)
  assert.equal((await post(`${honeycomb.url}/v1/traces`, spansOf(span()))).status, 200)
})

test('closed: the port refuses new connections and ends kept ones until the fault is over', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  const statusOf = () => post(`${honeycomb.url}/v1/traces`, spansOf(span())).then(({ status }) => status)
  assert.equal(await statusOf(), 200)
  honeycomb.fault = 'closed'
  const causeOf = () => statusOf().catch(({ cause }: Error) => String(cause))
  // A kept connection ends a moment later.
  while (!/ECONNREFUSED/.test(String(await causeOf()))) await delay(10)
  honeycomb.fault = null
  assert.equal(await statusOf(), 200)
})

/** Sends spans, waits until they are there, and gives the vendor another moment to answer. */
const givesUp = async (url: string, areThere: () => boolean) => {
  const client = new AbortController()
  const answer = post(`${url}/v1/traces`, spansOf(span()), json, client.signal)
  const failed = assert.rejects(answer, { name: 'AbortError' })
  while (!areThere()) await delay(10)
  await delay(200)
  client.abort()
  await failed
}

test('black hole: connections are accepted and nothing is read', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  honeycomb.fault = 'black hole'
  await givesUp(honeycomb.url, () => honeycomb.sockets.open === 1)
  assert.deepEqual([honeycomb.requests.length, honeycomb.sockets.mostOpen], [0, 1])
})

test('hang: requests are read and not answered', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  honeycomb.fault = 'hang'
  await givesUp(honeycomb.url, () => honeycomb.requests.length === 1)
  assert.deepEqual([honeycomb.requests.length, honeycomb.spans.length], [1, 0])
})

test('reset: the connection is reset', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  honeycomb.fault = 'reset'
  const failed = post(`${honeycomb.url}/v1/traces`, spansOf(span()))
  await assert.rejects(failed, (error: Error) => /ECONNRESET|other side closed/.test(String(error.cause)))
})

test('drip: the answer comes byte by byte', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  honeycomb.fault = 'drip'
  const socket = connect(honeycomb.port, '127.0.0.1')
  socket.write('POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n')
  for (const letter of ['H', 'T']) assert.equal(String((await once(socket, 'data'))[0]), letter)
  socket.destroy()
})

test('bad TLS: the sender does not trust the certificate', async (t) => {
  const vendors = await start(t, { tls: true })
  const { Agent, request } = await import('node:https')
  const agent = new Agent({ ca: vendors.ca ?? '', keepAlive: false })
  const statusOf = async () => {
    const asked = request(`${vendors.rollbar.endpoint}`, { method: 'OPTIONS', agent }).end()
    const [response] = await once(asked, 'response')
    return response.resume().statusCode
  }
  assert.equal(await statusOf(), 204)
  vendors.rollbar.fault = 'bad TLS'
  await assert.rejects(statusOf(), /self-signed certificate|unable to verify/)
  vendors.rollbar.fault = null
  assert.equal(await statusOf(), 204)
})

test('an answer in protobuf can be read by OpenTelemetry', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  const protobuf = { 'content-type': 'application/x-protobuf' }
  const bytesOf = async (path: string) =>
    new Uint8Array(await (await post(honeycomb.url + path, '', protobuf)).arrayBuffer())
  assert.equal((await bytesOf('/v1/traces')).length, 0)
  honeycomb.fault = 'partial success'
  const one = Buffer.from('0a0412021200', 'hex')
  const answer = await fetch(`${honeycomb.url}/v1/traces`, { method: 'POST', headers: protobuf, body: one })
  const response = ProtobufTraceSerializer.deserializeResponse(new Uint8Array(await answer.arrayBuffer()))
  assert.equal(Number(response.partialSuccess?.rejectedSpans), 1)
  assert.equal(ProtobufLogsSerializer.deserializeResponse(await bytesOf('/v1/logs')).partialSuccess, undefined)
})

test('an answer without content has no length', async (t) => {
  const rollbar = await startRollbar()
  t.after(rollbar.stop)
  const { status, headers } = await fetch(rollbar.endpoint, { method: 'OPTIONS' })
  assert.deepEqual([status, headers.get('content-length')], [204, null])
})

test('a body that is too large is refused before it is sent', async (t) => {
  const rollbar = await startRollbar()
  t.after(rollbar.stop)
  const answer = await post(rollbar.endpoint, JSON.stringify({ data: 'x'.repeat(600_000) }))
  assert.equal(answer.status, 413)
  assert.equal(answer.headers.get('connection'), 'close')
})

test('a foreign host name that resolves to this machine is refused', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  const socket = connect(honeycomb.port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.write('GET /1/auth HTTP/1.1\r\nhost: evil.example\r\n\r\n')
  assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 403/)
})

test('a log record without a text, a severity text or a time is still readable', async (t) => {
  const honeycomb = await startHoneycomb()
  t.after(honeycomb.stop)
  const observedTimeUnixNano = '1795214400123456789'
  const fields = { kvlistValue: { values: [{ key: 'user', value: { intValue: '7' } }] } }
  const logRecords = [
    { observedTimeUnixNano, severityNumber: 17, body: fields },
    { observedTimeUnixNano, severityNumber: 8, eventName: 'session.start' },
    { timeUnixNano: '1795214400000000000', observedTimeUnixNano, severityNumber: 9, severityText: 'Notice', body: {} },
  ]
  await post(`${honeycomb.url}/v1/logs`, JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] }))
  assert.deepEqual(
    honeycomb.logRecords.map(({ timeMs, severity, body }) => [timeMs, severity, body]),
    [
      [1795214400123.456, 'ERROR', '{"user":7}'],
      [1795214400123.456, 'DEBUG', 'session.start'],
      [1795214400000, 'Notice', ''],
    ],
  )
})
