import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { drawTrace } from '@cruddur/expect-trace'
import type { Browser, Page } from 'playwright-core'
import { apiRoutes } from '../../frontend/src/telemetry/cruddur.ts'
import { launchBrowser } from './browser.ts'
import { type CollectedSpan, type Collector, startCollector } from './collector.ts'
import { actAs, likeButtonOf, openFeed } from './feed.ts'
import { type Product, startProduct } from './product.ts'
import { faultsOf, isOnlySlow, tracesOf } from './trace.ts'
import { createTraceCheck, untilNoActionIsOpen, untilQuiet } from './trace-check.ts'

const clockGrainMs = 2

let collector: Collector
let product: Product
let browser: Browser
let page: Page

before(async () => {
  collector = await startCollector()
  product = await startProduct({
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=a-key-of-the-server',
    },
  })
  browser = await launchBrowser()
  page = await openFeed(browser, product.url)
  await actAs(page, 'Worf')
})

after(async () => {
  await browser?.close()
  await product?.stop()
  await collector?.stop()
})

test('one like is exactly one trace from the click to the SQL statement', async () => {
  // Signing in makes the page load its data again. That is not part of the like.
  await untilNoActionIsOpen(page)
  const clickedAt = Date.now()
  await likeButtonOf(page, 'Andrew Brown').click()
  await collector.waitFor((spans) => spans.some((span) => span.name === 'click like'))
  await collector.waitFor((spans) => spans.some((span) => span.name === 'activity.like'))

  await untilQuiet(collector)
  const traces = [...tracesOf(collector.spans).values()].filter((trace) =>
    trace.every((span) => span.startMs >= clickedAt - clockGrainMs && !isOnlySlow(span, trace)),
  )
  assert.equal(traces.length, 1, traces.map(drawTrace).join('\n\n'))
  const spans = traces[0] ?? []
  assert.deepEqual(faultsOf(spans), [])
  const [click, fetch, hop, server, service] = [
    ['internal', 'click like'],
    ['client', 'POST /api/activities/:uuid/like'],
    ['server', 'POST /api/*'],
    ['server', 'POST /api/activities/:uuid/like'],
    ['internal', 'activity.like'],
  ].map(([kind, name]) => spans.find((span) => span.kind === kind && span.name === name))
  const statement = spans.find((span) => /INSERT INTO likes/i.test(String(span.attributes['db.query.text'])))
  const line = [click, fetch, hop, server, service, statement]
  assert.deepEqual(
    line.map((span) => span?.parentSpanId),
    [null, ...line.slice(0, -1).map((span) => span?.spanId)],
    drawTrace(spans),
  )
  assert.equal(click?.service, 'cruddur-frontend')
  assert.equal(hop?.service, 'cruddur-frontend-server')
  assert.equal(server?.service, 'cruddur-backend')
  const userId = server?.attributes['app.user_id']
  assert.match(String(userId), /^[0-9a-f-]{36}$/)
  assert.equal(click?.attributes['app.user_id'], userId)
  assert.match(String(click?.attributes['session.id']), /^[0-9a-f]{32}$/)
  assert.equal(click?.attributes['page.route'], '/')
  assert.equal(service?.attributes['app.likes_count'], 6)

  assert.match(String(statement?.attributes['db.query.text']), /\$1/)
  assert.doesNotMatch(
    JSON.stringify(statement?.attributes),
    new RegExp(String(userId)),
    'no parameter value in the span',
  )

  const number = (key: string): number => Number(fetch?.attributes[key])
  assert.ok(
    number('app.network_ms') >= 0 && number('app.server_ms') > 0,
    'network and server time are numbers on the fetch',
  )
  const split = ['app.before_send_ms', 'app.network_ms', 'app.server_ms'].map(number)
  const duration = (fetch?.endMs ?? 0) - (fetch?.startMs ?? 0)
  assert.ok(Math.abs(split.reduce((sum, ms) => sum + ms) - duration) <= 1, `${split.join(' + ')} = ${duration}`)
})

test('the exports of browser and servers carry the headers of the environment', () => {
  for (const service of ['cruddur-frontend', 'cruddur-frontend-server', 'cruddur-backend']) {
    const exports = collector.requests.filter((request) => request.body.includes(service))
    assert.ok(exports.length > 0, `${service} exported`)
    for (const request of exports) assert.equal(request.headers['x-honeycomb-team'], 'a-key-of-the-server')
  }
})

test('unliking is one trace, too', async () => {
  await likeButtonOf(page, 'Andrew Brown').click()
  const spans = await collector.waitFor(
    (all) => all.some((span) => span.name === 'activity.unlike') && all.some((span) => span.name === 'click unlike'),
  )
  const click = spans.find((span) => span.name === 'click unlike')
  assert.deepEqual(faultsOf(spans.filter((span) => span.traceId === click?.traceId)), [])
})

test('the first load is one trace, and its home feed span has the time and the number of cruds', async () => {
  const feed = collector.spans.find((span) => span.name === 'activity.home')
  assert.ok(feed)
  assert.match(String(feed.attributes['app.now']), /^\d{4}-\d\d-\d\dT/)
  assert.equal(feed.attributes['app.result_length'], 3)
  const spans = collector.spans.filter((span) => span.traceId === feed.traceId)
  assert.equal(spans.filter((span) => span.parentSpanId === null).length, 1, drawTrace(spans))
})

test('opening a page for the first time is one trace: its code, then its requests', async () => {
  const spans = await createTraceCheck(collector, browser).expectOneTrace('click open profile', () =>
    page.getByRole('article').getByRole('link', { name: 'Andrew Brown' }).first().click(),
  )
  const named = (name: string) => spans.find((span) => span.name === name) ?? assert.fail(drawTrace(spans))
  const [root, code, request] = ['click open profile', 'import reading-pages.js', 'GET /api/activities/@:handle'].map(
    named,
  )
  assert.equal(code?.parentSpanId, root?.spanId)
  assert.ok(code && request && code.endMs <= request.startMs + clockGrainMs, drawTrace(spans))
  await page.goBack()
})

test('coming back online reads the feed again in a trace of its own', async () => {
  const since = collector.spans.length
  await page.context().setOffline(true)
  await page.getByText('Your texts are sent when you’re back').waitFor()
  await page.context().setOffline(false)
  const isAsking = ({ kind, name }: CollectedSpan) => kind === 'client' && name === 'GET /api/activities/home'
  const isRoot = ({ name, parentSpanId }: CollectedSpan) => name === 'page reconnect' && parentSpanId === null
  const spans = await collector.waitFor((all) => all.slice(since).some(isAsking) && all.slice(since).some(isRoot))
  const root = spans.slice(since).find(isRoot)
  assert.equal(spans.slice(since).find(isAsking)?.traceId, root?.traceId)
  assert.equal(root?.attributes['app.interaction.type'], 'background')
})

test('client and server spans have the same name, and an expected refusal is no error', async () => {
  await untilQuiet(collector)
  const since = collector.spans.length
  const nowhere = { method: 'GET', path: '/api/nowhere' }
  const uuid = '8d8ab5d3-2f4f-4c7e-9d39-40a4bb4fcb0d'
  const requests = [...apiRoutes.filter(({ path }) => path !== '/api/health-check'), nowhere].map(
    ({ method, path }) => ({
      method,
      path: path.replace(':handle', 'nobody').replace(/:[a-z_]*uuid/, uuid),
    }),
  )
  await page.evaluate(async (all) => {
    for (const { method, path } of all) {
      const post = method === 'POST' && { headers: { 'content-type': 'application/json' }, body: '{}' }
      await fetch(path, { method, ...post }).then((answer) => answer.text())
    }
  }, requests)

  const calls = () => {
    const spans = collector.spans.slice(since)
    const serversOf = ({ spanId }: CollectedSpan): CollectedSpan[] =>
      spans
        .filter(({ kind, parentSpanId }) => kind === 'server' && parentSpanId === spanId)
        .flatMap((server) => [server, ...serversOf(server)])
    return spans
      .filter(({ kind, service }) => kind === 'client' && service === 'cruddur-frontend')
      .map((client) => ({ client, backend: serversOf(client).find(({ service }) => service === 'cruddur-backend') }))
  }
  const isNowhere = ({ client }: { client: CollectedSpan }) => client.attributes['url.template'] === nowhere.path
  await collector.waitFor(() => calls().length >= requests.length && calls().every(({ backend }) => backend))
  const misnamed = calls()
    .filter((call) => !isNowhere(call))
    .map(({ client, backend }) => [
      client.name,
      `${client.attributes['http.request.method']} ${backend?.attributes['http.route']}`,
    ])
    .filter(([name, serverName]) => name !== serverName)
  assert.deepEqual(misnamed, [])

  const statusOf = ({ client }: { client: CollectedSpan }) => Number(client.attributes['http.response.status_code'])
  const refused = calls().filter((call) => statusOf(call) >= 400 && statusOf(call) < 500)
  assert.ok(refused.length > 10, `${refused.length} refused`)
  assert.deepEqual(
    refused.filter(({ client }) => client.status === 'error').map(({ client }) => client.name),
    ['GET /api/nowhere'],
  )
  assert.deepEqual(
    refused.filter(({ client }) => 'error.type' in client.attributes).map(({ client }) => client.name),
    ['GET /api/nowhere'],
  )
  assert.equal(calls().find((call) => statusOf(call) === 500)?.client.status, 'error')
})
