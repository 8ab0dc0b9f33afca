import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Health } from '@cruddur/shared/health'
import { startHoneycomb } from '@cruddur/vendor-doubles'
import { type Backend, createDatabase, eventually, startBackend, type TestDatabase } from '../testing.ts'

type Value = { stringValue?: string; intValue?: number; boolValue?: boolean }
type Attribute = { key: string; value: Value }
type LogRecord = {
  body: Value
  severityText: string
  traceId?: string
  spanId?: string
  attributes: Attribute[]
}
type Point = { attributes: Attribute[]; asInt?: number; count?: number }
type Metric = {
  name: string
  sum?: { dataPoints: Point[] }
  histogram?: { dataPoints: Point[] }
  gauge?: { dataPoints: Point[] }
}

let database: TestDatabase
let vendor: Awaited<ReturnType<typeof startHoneycomb>>
let backend: Backend

const bodiesOf = <Body>(path: string): Body[] =>
  vendor.requests.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()) as Body)
const records = () =>
  bodiesOf<{ resourceLogs: { scopeLogs: { logRecords: LogRecord[] }[] }[] }>('/v1/logs').flatMap(({ resourceLogs }) =>
    resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords)),
  )
/** The metric as the latest collection has it. */
const metric = (name: string): Metric | undefined =>
  bodiesOf<{ resourceMetrics: { scopeMetrics: { metrics: Metric[] }[] }[] }>('/v1/metrics')
    .at(-1)
    ?.resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    .find((one) => one.name === name)
const pointsOf = (name: string): Point[] => {
  const { sum, histogram, gauge } = metric(name) ?? {}
  return (sum ?? histogram ?? gauge)?.dataPoints ?? []
}
const plain = (attributes: Attribute[]) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))

before(async () => {
  database = await createDatabase()
  vendor = await startHoneycomb()
  backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: vendor.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'always_off',
    OTEL_LOGS_EXPORTER: 'otlp',
    OTEL_BLRP_SCHEDULE_DELAY: '50',
    OTEL_METRICS_EXPORTER: 'otlp',
    OTEL_METRIC_EXPORT_INTERVAL: '200',
  })
})

after(() => vendor.stop())

test('sends the lines of stdout as OTLP log records, with their trace and without secrets', async () => {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')]
  await backend.call('GET', '/api/activities/home?limit=2&token=s3cr3tToken', {
    headers: { traceparent: `00-${traceId}-${spanId}-01` },
  })
  await backend.call('GET', '/api/activities/home?limit=2', { headers: { traceparent: `00-${traceId}-${spanId}-01` } })
  const request = () => records().find((one) => one.traceId === traceId && one.body.stringValue?.endsWith(' 200'))
  await eventually(() => request() !== undefined)
  const { severityText, body, attributes } = request() as LogRecord
  assert.equal(severityText, 'INFO')
  assert.match(body.stringValue ?? '', / GET http \/api\/activities\/home\?limit=2 200$/)
  const about = plain(attributes)
  assert.equal(about['http.route'], '/api/activities/home')
  assert.equal(about['http.response.status_code'], 200)
  assert.equal(about['url.path'], '/api/activities/home')
  assert.equal(typeof about['app.duration_ms'], 'number')
  const feed = records().find((one) => one.body.stringValue === 'the home feed was read')
  assert.equal(feed?.traceId, traceId)
  assert.match(feed?.spanId ?? '', /^[0-9a-f]{16}$/)
  assert.equal(
    vendor.requests
      .map((one) => one.body.toString())
      .join()
      .includes('s3cr3t'),
    false,
  )
})

test('counts every request in the metrics, sampled or not, by its route only', async () => {
  const times = 5
  for (let i = 0; i < times; i++) await backend.call('GET', '/api/trends')
  for (let i = 0; i < times; i++) await backend.call('GET', `/api/not-there-${i}`)
  const series = () =>
    pointsOf('http.server.request.duration').map((point) => ({ count: point.count, ...plain(point.attributes) }))
  const trends = () => series().find((one) => 'http.route' in one && one['http.route'] === '/api/trends')
  await eventually(() => trends()?.count === times)
  assert.deepEqual(trends(), {
    count: times,
    'http.request.method': 'GET',
    'url.scheme': 'http',
    'http.route': '/api/trends',
    'http.response.status_code': 200,
  })
  const missing = () =>
    series().filter((one) => 'http.response.status_code' in one && one['http.response.status_code'] === 404)
  await eventually(() => missing()[0]?.count === times)
  assert.equal(missing().length, 1)
  assert.equal(bodiesOf('/v1/traces').length, 0)

  const statements = pointsOf('db.client.operation.duration').map(({ attributes }) => plain(attributes))
  assert.ok(statements.some((about) => about['db.operation.name'] === 'SELECT'))
  assert.ok(pointsOf('nodejs.eventloop.delay.p99').length > 0)
  assert.ok(pointsOf('v8js.memory.heap.used').length > 0)
})

test("sends the signals' accounts as metrics, and both streams balance", async () => {
  const { signals } = (await backend.call('GET', '/api/health-check')).body as Health
  for (const name of ['OTLP log records', 'metrics']) {
    const account = signals.find((one) => one.name === name)
    assert.ok(account && account.created > 0, name)
    const lost = Object.values(account.dropped).reduce((sum, count) => sum + count, 0)
    assert.equal(account.created, account.delivered + account.queued + lost)
  }
  const created = pointsOf('app.signal.created').map((point) => ({ ...plain(point.attributes), count: point.asInt }))
  const logRecords = created.find((one) => 'app.signal.name' in one && one['app.signal.name'] === 'OTLP log records')
  assert.ok((logRecords?.count ?? 0) > 0)
})

test('measures the web vitals of pages, by known names only', async () => {
  const now = `${Date.now()}000000`
  const vital = (name: string, value: number) => ({
    traceId: randomBytes(16).toString('hex'),
    spanId: randomBytes(8).toString('hex'),
    name: 'visit vitals',
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    events: [
      {
        name: 'browser.web_vital',
        timeUnixNano: now,
        attributes: [
          { key: 'browser.web_vital.name', value: { stringValue: name } },
          { key: 'browser.web_vital.value', value: { doubleValue: value } },
          { key: 'browser.web_vital.rating', value: { stringValue: name === 'inp' ? 'good' : 'of my own' } },
        ],
      },
    ],
  })
  const spans = [vital('inp', 120), vital('inp', 180), vital('lcp', 900), vital('lcp', -1), vital('xyz', 1)]
  const { status } = await backend.call('POST', '/relay/v1/traces', {
    json: { resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ scope: { name: 'x' }, spans }] }] },
    headers: { origin: 'http://localhost:3000' },
  })
  assert.equal(status, 200)
  await eventually(() => pointsOf('app.web_vital.inp').length > 0)
  const [inp] = pointsOf('app.web_vital.inp') as (Point & { sum: number })[]
  assert.equal(inp?.count, 2)
  assert.ok(Math.abs((inp?.sum ?? 0) - 0.3) < 1e-9)
  assert.deepEqual(plain(inp?.attributes ?? []), { 'browser.web_vital.rating': 'good' })
  assert.deepEqual(
    pointsOf('app.web_vital.lcp').map(({ count, attributes }) => [count, attributes]),
    [[1, []]],
  )
})

test('sends log records and metrics only when they are switched on', async () => {
  const quiet = await startHoneycomb()
  const { call } = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: quiet.url,
    OTEL_BSP_SCHEDULE_DELAY: '20',
    OTEL_METRIC_EXPORT_INTERVAL: '20',
  })
  await call('GET', '/api/trends')
  await eventually(() => quiet.requests.length > 0)
  assert.deepEqual([...new Set(quiet.requests.map(({ path }) => path))], ['/v1/traces'])
  await quiet.stop()
})
