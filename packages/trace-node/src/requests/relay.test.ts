import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { relayPath } from '@cruddur/wire/names'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import express from 'express'
import { relay } from './relay.ts'

const origin = 'http://localhost:3000'
const accepted: ReadableSpan[] = []
const open: Server[] = []
let server: Server
let url: string
let port: number

const generous = { burst: 100_000, perSecond: 100_000 }
const serve = async (limits = { each: generous, everybody: generous }) => {
  const app = express().set('trust proxy', 'loopback')
  app.use(
    relay({
      allowOrigins: [origin],
      service: 'cruddur-frontend',
      userOf: async (req) => req.headers.cookie ?? null,
      limits,
      accept: (spans) => accepted.push(...spans),
    }),
  )
  const made = createServer(app).listen(0, '127.0.0.1')
  await once(made, 'listening')
  open.push(made)
  return made
}

before(async () => {
  server = await serve()
  port = (server.address() as AddressInfo).port
  url = `http://127.0.0.1:${port}${relayPath}`
})
beforeEach(() => accepted.splice(0))
after(() => {
  for (const one of open) one.close()
})

const nanos = (ms: number) => `${BigInt(Math.round(ms * 1_000)) * 1_000n}`
let made = 0
const aSpan = (changes: object = {}) => ({
  traceId: 'a'.repeat(32),
  spanId: (++made).toString(16).padStart(16, '0'),
  name: 'click like',
  kind: 1,
  startTimeUnixNano: nanos(Date.now() - 50),
  endTimeUnixNano: nanos(Date.now()),
  ...changes,
})
const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const requestOf = (spans: object[], resource: object[] = [], scope: object = { name: 'cruddur-frontend' }) => ({
  resourceSpans: [{ resource: { attributes: resource }, scopeSpans: [{ scope, spans }] }],
})
const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}, to = url) => {
  const answer = await fetch(to, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
  })
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) }
}
const send = async (request: object, headers?: Record<string, string>) => {
  const { bytes, ...answer } = await post(JSON.stringify(request), headers)
  return { ...answer, body: JSON.parse(bytes.toString()) }
}

test("passes on a span of the page under the page's name, marked as from a browser", async () => {
  const { status, body } = await send(requestOf([aSpan({ attributes: [text('app.feed', 'home')] })]))
  assert.equal(status, 200)
  assert.deepEqual(body, {})
  const [span] = accepted
  assert.equal(span?.name, 'click like')
  assert.equal(span?.spanContext().traceId, 'a'.repeat(32))
  assert.equal(span?.resource.attributes['service.name'], 'cruddur-frontend')
  assert.deepEqual(span?.attributes, { 'app.feed': 'home', 'app.telemetry_origin': 'browser' })
})

test('reads protobuf too, and answers in protobuf', async () => {
  await send(requestOf([aSpan()]))
  const [first] = accepted.splice(0)
  assert.ok(first)
  const spanId = 'b'.repeat(16)
  const span = { ...first, spanContext: () => ({ ...first.spanContext(), spanId }) }
  const bytes = Buffer.from(ProtobufTraceSerializer.serializeRequest([span]) ?? [])
  const answer = await post(bytes, { 'content-type': 'application/x-protobuf' })
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type'), 'application/x-protobuf')
  assert.equal(accepted[0]?.spanContext().spanId, spanId)

  const forged = { ...span, attributes: { 'db.query.text': 'x' } }
  const refused = await post(Buffer.from(ProtobufTraceSerializer.serializeRequest([forged]) ?? []), {
    'content-type': 'application/x-protobuf',
  })
  assert.equal(refused.status, 200)
  assert.equal(ProtobufTraceSerializer.deserializeResponse(refused.bytes).partialSuccess?.rejectedSpans, 1)
})

test('passes on a span once when the page, which never got the answer, sends it again', async () => {
  const [known, later] = [aSpan({ name: 'load /' }), aSpan()]
  await send(requestOf([known]))
  const { status, body } = await send(requestOf([known, later]))
  assert.equal(status, 200)
  assert.deepEqual(body, {}, 'the page has nothing to count as lost')
  const otherTrace = aSpan({ spanId: known.spanId, traceId: 'e'.repeat(32) })
  await send(requestOf([otherTrace, { ...known, name: 'other' }]))
  assert.deepEqual(
    accepted.map(({ name }) => name),
    ['load /', 'click like', 'click like'],
  )
})

test('overwrites, drops or refuses attributes that a browser may not set', async () => {
  const forgedResource = [
    text('service.name', 'cruddur-backend'),
    text('host.name', 'db1'),
    text('service.version', '7'),
  ]
  await send(
    requestOf(
      [aSpan({ kind: 2, attributes: [text('app.telemetry_origin', 'server'), text('password', 'p')] })],
      forgedResource,
      {
        name: '@opentelemetry/instrumentation-pg; DROP',
      },
    ),
  )
  const [span] = accepted
  assert.deepEqual(span?.resource.attributes, { 'service.name': 'cruddur-frontend', 'service.version': '7' })
  assert.deepEqual(span?.attributes, { 'app.telemetry_origin': 'browser' })
  assert.equal(span?.instrumentationScope.name, 'cruddur-frontend')
  assert.equal(span?.kind, 0, 'not a server span')

  for (const key of ['db.query.text', 'db.system.name', 'enduser.id', 'http.route', 'aws.xray.annotations']) {
    accepted.splice(0)
    const { status, body } = await send(requestOf([aSpan(), aSpan({ attributes: [text(key, 'forged')] })]))
    assert.equal(status, 200)
    assert.equal(body.partialSuccess.rejectedSpans, '1', key)
    assert.match(body.partialSuccess.errorMessage, new RegExp(key))
    assert.equal(accepted.length, 1)
  }
})

test('refuses a span with malformed ids or without a name, and accepts the others of its batch', async () => {
  const wrong = [
    { traceId: '0'.repeat(32) },
    { traceId: 'xyz' },
    { spanId: 'b' },
    { parentSpanId: 'c' },
    { name: '\n' },
  ]
  const { body } = await send(requestOf([aSpan(), ...wrong.map((changes) => aSpan(changes))]))
  assert.equal(body.partialSuccess.rejectedSpans, String(wrong.length))
  assert.equal(accepted.length, 1)
})

test('bounds spans, attributes, values and events', async () => {
  assert.equal((await send(requestOf(Array.from({ length: 512 }, () => aSpan())))).status, 200)
  assert.equal(accepted.splice(0).length, 512)
  assert.equal((await send(requestOf(Array.from({ length: 513 }, () => aSpan())))).status, 413)
  assert.equal(accepted.length, 0)

  const wide = Array.from({ length: 65 }, (_, n) => text(`app.a${n}`, 'x'))
  assert.equal((await send(requestOf([aSpan({ attributes: wide })]))).body.partialSuccess.rejectedSpans, '1')

  const events = Array.from({ length: 40 }, () => ({ name: 'e', timeUnixNano: nanos(Date.now()) }))
  await send(requestOf([aSpan({ events, attributes: [text('app.long', 'x'.repeat(5_000))] })]))
  const [span] = accepted
  assert.equal(span?.events.length, 32)
  assert.equal(span?.droppedEventsCount, 8)
  assert.equal(String(span?.attributes['app.long']).length, 4_096)
})

const minuteMs = 60_000
const msOf = ([seconds, nanoseconds]: [number, number] = [0, 0]) => seconds * 1_000 + nanoseconds / 1e6
/** A click of 812.5 ms with a request and an event, by a clock that is this far ahead, sent this much later. */
const clickBy = (aheadMs: number, agoMs = 0) => {
  const now = Date.now() + aheadMs - agoMs
  const event = { name: 'exception', timeUnixNano: nanos(now - 400) }
  return [
    aSpan({ startTimeUnixNano: nanos(now - 812.5), endTimeUnixNano: nanos(now), events: [event] }),
    aSpan({ startTimeUnixNano: nanos(now - 700), endTimeUnixNano: nanos(now - 200) }),
  ].map((span) => ({ ...span, attributes: [{ key: 'app.clock_offset_ms', value: { doubleValue: -aheadMs } }] }))
}
const sentBy = (aheadMs: number) => ({ 'x-sent-at': String(Date.now() + aheadMs) })
/** How long the test has run, which is the tolerance of the times that it checks. */
const stopwatch = () => {
  const startedAt = Date.now()
  return () => Date.now() - startedAt + 1
}

for (const [minutes, word] of [
  [11, 'ahead'],
  [-61, 'behind'],
  [-600_000, 'behind'],
] as const) {
  for (const [headers, how] of [
    [(): Record<string, string> => sentBy(minutes * minuteMs), 'says when it sends'],
    [() => ({}), 'does not say when it sends'],
  ] as const) {
    test(`keeps every duration of a page whose clock is ${Math.abs(minutes)} minutes ${word} and that ${how}`, async () => {
      const lastedMs = stopwatch()
      assert.equal((await send(requestOf(clickBy(minutes * minuteMs)), headers())).status, 200)
      const [click, request] = accepted
      const duration = (span?: ReadableSpan) => msOf(span?.endTime) - msOf(span?.startTime)
      assert.deepEqual([Math.round(duration(click)), Math.round(duration(request))], [813, 500])
      assert.equal(Math.round(msOf(request?.startTime) - msOf(click?.startTime)), 113)
      assert.equal(Math.round(msOf(click?.endTime) - msOf(click?.events[0]?.time)), 400)
      assert.ok(Math.abs(msOf(click?.endTime) - Date.now()) <= lastedMs(), 'it ends about now')
      const shift = Number(click?.attributes['app.clock_shift_ms'])
      assert.ok(Math.abs(shift + minutes * minuteMs) <= lastedMs(), `${shift}`)
      assert.equal(request?.attributes['app.clock_shift_ms'], shift)
      assert.ok(Math.abs(Number(click?.attributes['app.clock_offset_ms'])) <= lastedMs(), 'the offset that is left')
    })
  }
}

test('does not move spans that waited for hours in a page whose clock is right', async () => {
  for (const minutes of [5, 61, 600]) {
    accepted.splice(0)
    const lastedMs = stopwatch()
    await send(requestOf(clickBy(0, minutes * minuteMs)), sentBy(0))
    const [click] = accepted
    assert.ok(Math.abs(msOf(click?.endTime) - (Date.now() - minutes * minuteMs)) <= lastedMs())
    assert.equal(click?.attributes['app.clock_shift_ms'], undefined)
  }
})

test('keeps the age of spans that waited in a page whose clock is wrong', async () => {
  const lastedMs = stopwatch()
  await send(requestOf(clickBy(-61 * minuteMs, 90 * minuteMs)), sentBy(-61 * minuteMs))
  assert.ok(Math.abs(msOf(accepted[0]?.endTime) - (Date.now() - 90 * minuteMs)) <= lastedMs())
})

test('moves no span when the clock is less than ten minutes wrong, even when the page claims a shift', async () => {
  for (const minutes of [-9, 9]) {
    accepted.splice(0)
    const lastedMs = stopwatch()
    const claim = { key: 'app.clock_shift_ms', value: { intValue: '7' } }
    const spans = clickBy(minutes * minuteMs).map((span) => ({ ...span, attributes: [claim] }))
    await send(requestOf(spans), sentBy(minutes * minuteMs))
    assert.ok(Math.abs(msOf(accepted[0]?.endTime) - (Date.now() + minutes * minuteMs)) <= lastedMs())
    assert.deepEqual(accepted[0]?.attributes, { 'app.telemetry_origin': 'browser' })
  }
})

test('refuses a time that no wrong clock explains, and ends no span before it begins', async () => {
  const now = Date.now()
  const { body } = await send(
    requestOf([
      aSpan({ startTimeUnixNano: '0' }),
      aSpan({ startTimeUnixNano: nanos(now), endTimeUnixNano: nanos(now - 1_000) }),
      aSpan({ startTimeUnixNano: '99999999999999999999' }),
    ]),
  )
  assert.equal(body.partialSuccess.rejectedSpans, '2')
  assert.deepEqual(accepted[0]?.duration, [0, 0])
})

test('takes the user from the session, never from the page', async () => {
  const claims = (user: string) =>
    requestOf([aSpan({ attributes: [text('app.user_id', user), text('user.id', user)] })])
  const stampOf = async (request: object, cookie?: string) => {
    accepted.splice(0)
    await send(request, cookie === undefined ? {} : { cookie })
    const { 'app.user_id': ours, 'user.id': conventional } = accepted[0]?.attributes ?? {}
    assert.equal(ours, conventional)
    return ours
  }
  assert.equal(await stampOf(requestOf([aSpan()]), 'worf'), 'worf')
  assert.equal(await stampOf(claims('worf'), 'worf'), 'worf')
  assert.equal(await stampOf(claims('worf')), undefined, 'no one is signed in')
  assert.equal(await stampOf(claims('worf'), 'troi'), undefined, 'someone else has signed in since')
})

test('takes the visit from the header, never from the page', async () => {
  const [secret, id] = ['000102030405060708090a0b0c0d0e0f', 'd65df89f702eec58ca3c7bf2001c9ffc']
  const claim = [text('session.id', id), text('session.previous_id', id)]
  const claiming = () =>
    aSpan({
      attributes: claim,
      events: [{ name: 'an event', timeUnixNano: nanos(Date.now()), attributes: claim }],
      links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), attributes: claim }],
    })
  const visitsIn = async (headers: Record<string, string>, span = claiming()) => {
    accepted.splice(0)
    await send(requestOf([span], claim), headers)
    const [{ attributes, events, links, resource }] = accepted as [ReadableSpan]
    const all = [attributes, resource.attributes, ...[...events, ...links].map((one) => one.attributes)]
    return all.flatMap((one) => Object.entries(one ?? {}).filter(([key]) => key.startsWith('session.')))
  }
  assert.deepEqual(await visitsIn({ 'x-visit': secret }), [['session.id', id]])
  assert.deepEqual(await visitsIn({}), [])
  for (const forged of [id, secret.toUpperCase(), `${secret}0`, `${secret}, ${secret}`, 'f'.repeat(32)])
    assert.deepEqual(await visitsIn({ 'x-visit': forged }), [], forged)
  assert.deepEqual(await visitsIn({ 'x-visit': secret }, aSpan()), [], 'a page that claims no visit')
})

test("keeps the names and versions of the page's scopes", async () => {
  const scopes = [
    { name: 'web-vitals', version: '1.2.3' },
    { name: '@opentelemetry/instrumentation-fetch', version: '0.301.0-dev+1' },
    { name: 'has blanks', version: 'x\ny' },
  ]
  for (const scope of scopes) await send(requestOf([aSpan()], [text('app.viewport', 'wide')], scope))
  assert.deepEqual(
    accepted.map(({ instrumentationScope }) => instrumentationScope),
    [...scopes.slice(0, 2), { name: 'cruddur-frontend' }],
  )
  assert.equal(accepted[0]?.resource.attributes['app.viewport'], 'wide')
})

test('removes control characters and query strings', async () => {
  const attributes = [
    text('url.full', 'https://x.example/path?token=secret#part'),
    text('url.query', 'token=secret'),
    text('app.note', 'one\r\ntwo\u001b[31m\u0000'),
  ]
  await send(requestOf([aSpan({ name: 'click\r\nGET /', attributes })]))
  assert.equal(accepted[0]?.name, 'click GET /')
  assert.deepEqual(accepted[0]?.attributes, {
    'url.full': 'https://x.example/path',
    'app.note': 'one two [31m',
    'app.telemetry_origin': 'browser',
  })
})

test('accepts spans from our own page only, and allows no other origin', async () => {
  const body = JSON.stringify(requestOf([aSpan()]))
  const statusFrom = async (headers: Record<string, string>) => {
    const answer = await post(body, headers)
    assert.equal(answer.headers.get('access-control-allow-origin'), null)
    return answer.status
  }
  assert.equal(await statusFrom({ 'sec-fetch-site': 'cross-site' }), 403)
  assert.equal(await statusFrom({ 'sec-fetch-site': 'same-site', origin: 'http://localhost:9' }), 403)
  assert.equal(await statusFrom({ 'sec-fetch-site': 'same-origin' }), 200)
  const withoutSite = async (from: string) =>
    (await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json', origin: from } })).status
  assert.equal(await withoutSite('https://evil.example'), 403)
  assert.equal(await withoutSite('null'), 403)
  assert.equal(await withoutSite(origin), 200)
})

test('refuses other methods, types and encodings', async () => {
  const get = await fetch(url)
  assert.equal(get.status, 405)
  assert.equal(get.headers.get('allow'), 'POST')
  assert.equal((await fetch(url, { method: 'OPTIONS' })).status, 405)
  const body = JSON.stringify(requestOf([aSpan()]))
  assert.equal((await post(body, { 'content-type': 'text/plain' })).status, 415)
  assert.equal((await post(body, { 'content-encoding': 'gzip' })).status, 415)
  assert.equal((await post(body, { 'content-encoding': 'identity' })).status, 415)
  assert.deepEqual(accepted, [])
})

test('answers 400 to malformed bodies', async () => {
  for (const body of [
    '',
    '{',
    '[]',
    'null',
    '{"resourceSpans":7}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[7]}]}]}',
  ]) {
    assert.equal((await post(body)).status, 400, body)
  }
  assert.equal((await post(Buffer.from([0xff, 0xff]), { 'content-type': 'application/x-protobuf' })).status, 400)
})

/** Sends the headers, perhaps part of a body, and stalls. */
const stall = async (headers: string[], beginning = '') => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.write(`POST ${relayPath} HTTP/1.1\r\nHost: x\r\n${headers.join('\r\n')}\r\n\r\n${beginning}`)
  const [answer] = await once(socket, 'data')
  socket.destroy()
  return String(answer)
}

test('refuses at once an upload of 10 MB that stalls, and one without a length', async () => {
  // A relay that waits for the body answers 408.
  const large = await stall(['Content-Type: application/json', 'Content-Length: 10485760'], '{"resourceSpans":')
  assert.match(large, /^HTTP\/1\.1 413 /)
  assert.match(large, /Connection: close/i)
  const hidden = await stall(['Content-Type: application/json', 'Transfer-Encoding: chunked'])
  assert.match(hidden, /^HTTP\/1\.1 411 /)
})

test('takes a body that a parser before it has read', async () => {
  const app = express().use(express.json())
  app.use(relay({ allowOrigins: [origin], service: 'cruddur-frontend', accept: (spans) => accepted.push(...spans) }))
  const behindParser = app.listen(0, '127.0.0.1')
  await once(behindParser, 'listening')
  open.push(behindParser)
  const to = `http://127.0.0.1:${(behindParser.address() as AddressInfo).port}${relayPath}`
  const { status } = await post(JSON.stringify(requestOf([aSpan()])), {}, to)
  assert.equal(status, 200)
  assert.equal(accepted.length, 1)
})

test('gives up on a body that never arrives', async () => {
  const answer = await stall(['Content-Type: application/json', 'Content-Length: 100'], '{')
  assert.match(answer, /^HTTP\/1\.1 408 /)
})

test('sends spans to the same place, even when a request names another', async () => {
  let visits = 0
  const elsewhere = createServer((_req, res) => res.end(String(visits++))).listen(0, '127.0.0.1')
  await once(elsewhere, 'listening')
  const target = `127.0.0.1:${(elsewhere.address() as AddressInfo).port}`
  const body = JSON.stringify(requestOf([aSpan({ attributes: [text('app.endpoint', `http://${target}/`)] })]))
  const headers: Record<string, string>[] = [
    { 'x-forwarded-host': target },
    { 'x-honeycomb-team': 'stolen', 'x-honeycomb-dataset': target },
    { 'x-forwarded-for': target, forwarded: `host=${target}` },
    { referer: `http://${target}/`, 'x-original-url': `http://${target}/` },
  ]
  for (const one of headers) assert.equal((await post(body, one)).status, 200)
  for (const query of [`?url=http://${target}/`, `?endpoint=${target}`, `?o=https://${target}&dsn=${target}`]) {
    assert.equal((await post(body, {}, url + query)).status, 200)
  }
  assert.equal((await post(body, {}, `${url}/..%2f..%2f${target}`)).status, 404)
  assert.equal(visits, 0)
  elsewhere.close()
})

test('answers 429 with Retry-After when the budget of an address, or of all addresses, is spent', async () => {
  const small = await serve({ each: { burst: 30, perSecond: 0.01 }, everybody: { burst: 45, perSecond: 0.01 } })
  const to = `http://127.0.0.1:${(small.address() as AddressInfo).port}${relayPath}`
  const body = () => JSON.stringify(requestOf(Array.from({ length: 10 }, () => aSpan())))
  const from = (address: string) => post(body(), { 'x-forwarded-for': address }, to)

  assert.deepEqual([(await from('203.0.113.1')).status, (await from('203.0.113.1')).status], [200, 200])
  const refused = await from('203.0.113.1')
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.equal((await from('203.0.113.2')).status, 200, 'another address')
  assert.equal((await from('203.0.113.3')).status, 429, 'all addresses together')
  assert.equal(accepted.length, 30)
})

/** 262,000 bytes of protobuf with as many objects as possible. */
const field = (number: number, content: Uint8Array): Buffer<ArrayBuffer> => {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), content])
  }
}
const hostileBody = () => {
  const attributes = Buffer.alloc(262_000)
  for (let at = 0; at < attributes.length; at += 2) attributes[at] = 0x4a
  return field(1, field(2, field(2, attributes)))
}
const protobuf = { 'content-type': 'application/x-protobuf' }

test('charges a body for its length before it is decoded, and stops decoding early', async () => {
  const small = await serve({ each: { burst: 600, perSecond: 1 }, everybody: generous })
  const to = `http://127.0.0.1:${(small.address() as AddressInfo).port}${relayPath}`
  const statuses: number[] = []
  for (let times = 0; times < 3; times++) statuses.push((await post(hostileBody(), protobuf, to)).status)
  assert.deepEqual(statuses, [413, 413, 429])
  const commas = `{"resourceSpans":[${Array(80_000).fill('{}').join()}]}`
  assert.equal((await post(commas)).status, 413)
})

test('removes text that looks like a secret, in any part of a span', async () => {
  const attributes = [
    text('http.request.method', 'POST'),
    text('http.request.header.authorization', 'x'),
    text('http.response.header.set_cookie', 'x'),
    text('http.request.body', 'x'),
    text('app.api_key', 'x'),
    text('session.token', 'x'),
    text('app.note', 'password=x of worf@qonos.example.com'),
  ]
  const exception = { name: 'said by worf@qonos.example.com', timeUnixNano: nanos(Date.now()), attributes }
  const status = { code: 2, message: 'Bearer abcdef' }
  await send(
    requestOf(
      [aSpan({ name: 'GET /x?token=x', attributes, status, events: [exception] })],
      [text('browser.language', 'worf@qonos.example.com')],
    ),
  )
  const [span] = accepted
  const clean = { 'http.request.method': 'POST', 'app.note': 'password=[secret] of [mail]' }
  assert.equal(span?.name, 'GET /x?token=…')
  assert.deepEqual(span?.attributes, { ...clean, 'app.telemetry_origin': 'browser' })
  assert.equal(span?.status.message, 'Bearer [secret]')
  assert.equal(span?.events[0]?.name, 'said by [mail]')
  assert.deepEqual(span?.events[0]?.attributes, clean)
  assert.equal(span?.resource.attributes['browser.language'], '[mail]')
})
