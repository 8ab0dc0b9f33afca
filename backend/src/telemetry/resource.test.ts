import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { before, test } from 'node:test'
import { relayPath } from '@cruddur/wire/names'
import {
  type Backend,
  createDatabase,
  eventually,
  startApp,
  startBackend,
  startCollector,
  startDatabaseProxy,
  type TestDatabase,
} from '../testing.ts'

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startCollector>>
let backend: Backend
let worf: Backend['call']

before(async () => {
  database = await createDatabase()
  collector = await startCollector()
  backend = await startBackend({
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    SERVICE_VERSION: 'the-commit',
    NODE_ENV: 'production',
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=shop,deployment.environment.name=staging,host.name=ours',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  })
  worf = await backend.actAs('worf')
})

const newId = (bytes: number) => randomBytes(bytes).toString('hex')
const fromThePage = (traceId: string, attributes: object[] = []) => {
  const now = `${Date.now()}000000`
  const span = { traceId, spanId: newId(8), name: 'click', startTimeUnixNano: now, endTimeUnixNano: now, attributes }
  const resource = { attributes: [{ key: 'service.version', value: { stringValue: 'the-page' } }] }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'web-vitals' }, spans: [span] }] }] }
}

test("names SDK, build, instance and deployment on the backend's spans, and the build in the health check", async () => {
  const traceId = newId(16)
  await backend.call('GET', '/api/activities/home', { headers: { traceparent: `00-${traceId}-${newId(8)}-01` } })
  const [span] = await collector.trace(traceId, 1)
  const resource = span?.resource ?? {}
  assert.equal(resource['service.name'], 'cruddur-backend')
  assert.equal(resource['service.version'], 'the-commit')
  assert.equal(resource['service.namespace'], 'shop')
  assert.equal(resource['deployment.environment.name'], 'staging')
  assert.match(String(resource['service.instance.id']), /^[0-9a-f-]{36}$/)
  assert.equal(resource['telemetry.sdk.language'], 'nodejs')
  assert.ok(resource['telemetry.sdk.name'] && resource['telemetry.sdk.version'])
  const { body } = await backend.call('GET', '/api/health-check')
  assert.equal((body as { version: string }).version, 'the-commit')
  assert.match(backend.output(), /"env":"staging"/)
})

test("gives the page's spans the deployment and the session's user, and keeps their build and scope", async () => {
  const [row] = await database.query<{ uuid: string }>("SELECT uuid FROM users WHERE handle = 'worf'")
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  // The relay waits half a second for the session. That may be too short on a busy machine, so it is asked again.
  const [page, server] = await eventually(async () => {
    const traceId = newId(16)
    const { status } = await worf('POST', relayPath, { json: fromThePage(traceId), headers })
    assert.equal(status, 200)
    await worf('GET', '/api/activities/home', { headers: { traceparent: `00-${traceId}-${newId(8)}-01` } })
    const spans = await collector.trace(traceId, 3)
    const ofPage = spans.find(({ service }) => service === 'cruddur-frontend')
    const ofServer = spans.find(({ kind }) => kind === 'server')
    return ofPage?.attributes['user.id'] && ofServer ? [ofPage, ofServer] : null
  })
  assert.equal(page?.scope.name, 'web-vitals')
  assert.deepEqual(page?.resource, {
    'service.name': 'cruddur-frontend',
    'service.version': 'the-page',
    'service.namespace': 'shop',
    'deployment.environment.name': 'staging',
  })
  for (const span of [page, server]) {
    assert.equal(span?.attributes['user.id'], row?.uuid)
    assert.equal(span?.attributes['app.user_id'], row?.uuid)
  }
})

test('sets no user id without a session, even when the page claims one', async () => {
  const traceId = newId(16)
  const claim = [{ key: 'app.user_id', value: { stringValue: 'worf' } }]
  const headers = { 'sec-fetch-site': 'same-origin', cookie: 'cruddur_session=forged' }
  await backend.call('POST', relayPath, { json: fromThePage(traceId, claim), headers })
  const [page] = await collector.trace(traceId, 1)
  assert.deepEqual(page?.attributes, { 'app.telemetry_origin': 'browser' })
  const another = newId(16)
  await backend.call('GET', '/api/activities/home', { headers: { traceparent: `00-${another}-${newId(8)}-01` } })
  const server = (await collector.trace(another, 1)).find(({ kind }) => kind === 'server')
  assert.equal(server?.attributes['app.user_id'], 'anonymous')
  assert.equal(server?.attributes['user.id'], undefined)
})

test('does not keep spans waiting for a database that hangs', { timeout: 30_000 }, async () => {
  const proxy = await startDatabaseProxy(database.url)
  const app = await startApp({ databaseUrl: proxy.url })
  const headers = { 'sec-fetch-site': 'same-origin', cookie: 'cruddur_session=a-token' }
  proxy.silence()
  // In this test a query waits a minute for its answer.
  const { status } = await app.call('POST', relayPath, { json: fromThePage(newId(16)), headers })
  assert.equal(status, 200)
  proxy.shut()
})
