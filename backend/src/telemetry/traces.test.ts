import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import {
  type Backend,
  type CollectedSpan,
  createDatabase,
  startBackend,
  startCollector,
  type TestDatabase,
  eventually as untilSeen,
} from '../testing.ts'

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startCollector>>
let backend: Backend

before(async () => {
  database = await createDatabase()
  collector = await startCollector()
  backend = await startBackend({
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=a-key',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
})

const newTrace = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') })
const aLike = async () => {
  const [row] = await database.query<{ uuid: string }>('SELECT uuid FROM activities WHERE likes_count >= 5')
  return `/api/activities/${row?.uuid}/like`
}
const tree = (spans: CollectedSpan[], parent: string): object =>
  Object.fromEntries(
    spans.filter((span) => span.parentSpanId === parent).map((span) => [span.name, tree(spans, span.spanId)]),
  )
const serverSpan = (spans: CollectedSpan[]) => {
  const found = spans.filter((span) => span.kind === 'server')
  assert.equal(found.length, 1)
  return found[0] as CollectedSpan
}

test('makes one trace of a click, from the page to the SQL statement, and nothing else', async () => {
  const garek = await backend.actAs('garek')
  for (const flags of ['01', '00']) {
    const { traceId, spanId } = newTrace()
    const traceparent = `00-${traceId}-${spanId}-${flags}`
    const { status } = await garek('POST', await aLike(), { headers: { traceparent } })
    assert.equal(status, 200)
    const spans = await collector.trace(traceId, 7)
    assert.equal(spans.length, 7, `flag ${flags}: ${spans.map(({ name }) => name)}`)
    assert.deepEqual(tree(spans, spanId), {
      'POST /api/activities/:uuid/like': {
        'session.authenticate': { 'pg-pool.connect': {}, 'SELECT sessions': {} },
        'activity.like': { 'pg-pool.connect': {}, 'INSERT likes': {} },
      },
    })
    assert.ok(spans.every(({ service }) => service === 'cruddur-backend'))
    assert.ok(spans.every((span) => span.status === 'unset'))
    await garek('DELETE', await aLike())

    const server = serverSpan(spans)
    assert.equal(server.attributes['http.route'], '/api/activities/:uuid/like')
    assert.equal(server.attributes['http.response.status_code'], 200)
    const [garekRow] = await database.query<{ uuid: string }>("SELECT uuid FROM users WHERE handle = 'garek'")
    assert.equal(server.attributes['app.user_id'], garekRow?.uuid)
    const like = spans.find(({ name }) => name === 'activity.like')
    assert.equal(like?.attributes['app.likes_count'], 6)
    assert.equal(like?.attributes['app.changed'], true)

    const sql = spans.find(({ name }) => name === 'INSERT likes')
    assert.equal(sql?.attributes['db.system.name'], 'postgresql')
    assert.match(String(sql?.attributes['db.query.text']), /^(?=.*\$1)(?=.*\$2).*INSERT INTO likes/s)
    assert.equal(JSON.stringify(sql).includes(garekRow?.uuid as string), false, 'no parameter values')
  }
})

test('shortens text from a client on spans and in log lines, and puts the client’s address on no span', async () => {
  const { traceId, spanId } = newTrace()
  const headers = { traceparent: `00-${traceId}-${spanId}-01`, 'user-agent': 'u'.repeat(4_000) }
  const { status, body } = await backend.call('GET', `/${'p'.repeat(8_000)}?${'q'.repeat(3_000)}`, { headers })
  assert.equal(status, 404)
  assert.ok(JSON.stringify(body).length < 1_000)
  const server = serverSpan(await collector.trace(traceId, 1))
  for (const [key, value] of Object.entries(server.attributes)) assert.ok(String(value).length <= 513, key)
  for (const key of ['client.address', 'network.peer.address', 'network.peer.port']) {
    assert.equal(server.attributes[key], undefined, key)
  }
  const line = await untilSeen(() =>
    backend
      .output()
      .split('\n')
      .find((one) => one.includes(traceId)),
  )
  assert.ok(line.length < 2_500, String(line.length))
})

test("puts the client's address on spans when RECORD_CLIENT_ADDRESS is set", async () => {
  const asking = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=a-key',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    RECORD_CLIENT_ADDRESS: 'true',
  })
  const { traceId, spanId } = newTrace()
  await asking.call('GET', '/api/activities/home', { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
  const server = await untilSeen(() =>
    collector.spans.find((span) => span.traceId === traceId && span.kind === 'server'),
  )
  assert.equal(server.attributes['client.address'], '127.0.0.1')
})

test('puts the time, the number of activities and the user on the span of the home feed', async () => {
  const { traceId, spanId } = newTrace()
  await backend.call('GET', '/api/activities/home?limit=2&after=', {
    headers: { traceparent: `00-${newTrace().traceId}-${spanId}-01` },
  })
  await backend.call('GET', '/api/activities/home?limit=2', { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
  const spans = await collector.trace(traceId, 6)
  const feed = spans.find(({ name }) => name === 'activity.home')
  assert.match(String(feed?.attributes['app.now']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  assert.equal(feed?.attributes['app.result_length'], 2)
  assert.equal(feed?.attributes['app.user_id'], 'anonymous')
})

test('sends no query string, cookie or token', async () => {
  const worf = await backend.actAs('worf')
  const { traceId, spanId } = newTrace()
  await worf('GET', '/api/activities/home?limit=1&after=canary', {
    headers: { traceparent: `00-${traceId}-${spanId}-01`, authorization: 'Bearer canary' },
  })
  await collector.trace(traceId, 1)
  assert.equal(JSON.stringify(collector.spans).includes('canary'), false)
  assert.equal(JSON.stringify(collector.spans).includes('url.query'), false)
})

test('does not mark an answer below 500 as an error, and puts the trace id into its body', async () => {
  const worf = await backend.actAs('worf')
  const cases = [
    [backend.call, 'GET', '/api/nowhere', 404],
    [backend.call, 'GET', '/api/activities/home?limit=0', 400],
    [backend.call, 'POST', await aLike(), 401],
    [worf, 'POST', '/api/activities/3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f/like', 404],
  ] as const
  for (const [call, method, path, expected] of cases) {
    const { traceId, spanId } = newTrace()
    const answer = await call(method, path, { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
    assert.equal(answer.status, expected)
    assert.equal((answer.body as { traceId: string }).traceId, traceId)
    const spans = await eventually(traceId)
    assert.ok(
      spans.every((span) => span.status !== 'error' && span.events.length === 0),
      `${method} ${path}`,
    )
  }
})

/** The whole trace: the server span ends last. */
const eventually = async (traceId: string) => {
  for (let count = 1; ; count++) {
    const spans = await collector.trace(traceId, count)
    if (spans.some((span) => span.kind === 'server')) return spans
  }
}

test('marks a fault on the spans it passed, records it once, and answers a plain sentence and the trace id', async () => {
  await database.query('ALTER TABLE likes RENAME TO likes_elsewhere')
  const { traceId, spanId } = newTrace()
  const { status, body } = await backend.call('GET', '/api/activities/home', {
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
  })
  await database.query('ALTER TABLE likes_elsewhere RENAME TO likes')
  assert.equal(status, 500)
  const error = body as { code: string; message: string; traceId: string }
  assert.equal(error.code, 'internal')
  assert.equal(error.traceId, traceId)
  assert.doesNotMatch(error.message, /likes|relation|SELECT/)

  const spans = await eventually(traceId)
  const feed = spans.find(({ name }) => name === 'activity.home')
  assert.equal(feed?.status, 'error')
  assert.deepEqual(
    feed?.events.map(({ name }) => name),
    ['exception'],
  )
  assert.equal(serverSpan(spans).status, 'error')
  assert.deepEqual(serverSpan(spans).events, [])
  assert.match(backend.output(), new RegExp(`"a request failed","trace_id":"${traceId}"`))
})

test('starts a new trace for a malformed traceparent, and answers as usual', async () => {
  const malformed = [
    'nonsense',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `ff-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
    '00-1-2-3',
    '',
  ]
  for (const traceparent of malformed) {
    const { status, body } = await backend.call('GET', '/api/nowhere', {
      headers: { traceparent, tracestate: '=,,=', baggage: 'x'.repeat(5_000) },
    })
    assert.equal(status, 404)
    const { traceId } = body as { traceId: string }
    assert.match(traceId, /^[0-9a-f]{32}$/)
    assert.equal(serverSpan(await eventually(traceId)).parentSpanId, null)
  }
})

test("joins the page's spans to the trace under their own name, without spans of the relay, preflights and probes", async () => {
  const { traceId, spanId } = newTrace()
  const nanos = `${Date.now()}000000`
  const before = collector.spans.length
  const request = {
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'cruddur-backend' } }] },
        scopeSpans: [
          { spans: [{ traceId, spanId, name: 'click like', startTimeUnixNano: nanos, endTimeUnixNano: nanos }] },
        ],
      },
    ],
  }
  const relayed = await backend.call('POST', '/relay/v1/traces', {
    json: request,
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
  })
  assert.equal(relayed.status, 200)
  await backend.call('OPTIONS', '/api/session', {
    headers: { origin: 'http://localhost:3000', 'access-control-request-method': 'POST' },
  })
  await backend.call('GET', '/api/health-check')
  const { body } = await backend.call('GET', '/api/nowhere')
  await eventually((body as { traceId: string }).traceId)
  const [page] = await collector.trace(traceId, 1)
  assert.equal(page?.service, 'cruddur-frontend')
  assert.equal(page?.attributes['app.telemetry_origin'], 'browser')
  assert.deepEqual(
    collector.spans
      .slice(before)
      .map(({ name }) => name)
      .sort(),
    ['GET', 'click like'],
  )
})

test('sends the key with the spans, and does not trace the sending', () => {
  assert.ok(collector.requests.length > 0)
  for (const { headers } of collector.requests) {
    assert.equal(headers['x-honeycomb-team'], 'a-key')
    assert.equal(headers.traceparent, undefined)
  }
  assert.ok(collector.spans.every(({ attributes }) => !String(attributes['url.full'] ?? '').includes('/v1/traces')))
})
