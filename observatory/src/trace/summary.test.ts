import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span, traceId } from '../testing/spans.ts'
import type { Span } from './span.ts'
import { isArriving, missingOf, summarize } from './summary.ts'

test('a click is summarized by its root, network, server and SQL', () => {
  const summary = summarize(traceId, clickToSql())
  assert.equal(summary.rootName, 'click like')
  assert.equal(summary.durationMs, 40)
  assert.equal(summary.networkMs, 10)
  assert.equal(summary.serverMs, 20)
  assert.equal(summary.sqlMs, 8)
  assert.deepEqual(summary.services, ['cruddur-frontend', 'cruddur-backend'])
  assert.equal(summary.complete, true)
  assert.deepEqual(missingOf(clickToSql()), [])
})

test('page, network and server add up to the whole trace', () => {
  const spans = clickToSql()
  const fetch = spans[1]
  assert.ok(fetch)
  fetch.attributes = { 'app.before_send_ms': 6.5, 'app.network_ms': 3.5, 'app.server_ms': 20 }
  const { pageMs, networkMs, serverMs, durationMs } = summarize(traceId, spans)
  assert.deepEqual([pageMs, networkMs, serverMs, durationMs], [16.5, 3.5, 20, 40])
})

test('overlapping requests and statements count once, as in the page', () => {
  const twin = (one: Span): Span => ({
    ...one,
    spanId: one.spanId.replace(/^.{4}/, 'aaaa'),
    parentSpanId: one.name === 'fetch' ? one.parentSpanId : (one.parentSpanId?.replace(/^.{4}/, 'aaaa') ?? null),
    startMs: one.startMs + 5,
  })
  const summary = summarize(traceId, [...clickToSql(), ...clickToSql().slice(1).map(twin)])
  assert.equal(summary.requestCount, 2)
  assert.deepEqual([summary.pageMs, summary.networkMs, summary.serverMs], [5, 10, 25])
  assert.deepEqual([summary.sqlMs, summary.sqlCount], [13, 2])
  assert.equal(summary.complete, true)
})

test('the page’s own server counts as server time, by its span or by the page’s measurement', () => {
  const [click, fetch, server, ...rest] = clickToSql()
  assert.ok(click && fetch && server)
  const hop = span({
    id: 'hop',
    parent: 'fetch',
    kind: 'server',
    service: 'cruddur-frontend-server',
    startMs: fetch.startMs + 3,
    durationMs: 24,
  })
  const spans = [click, fetch, hop, { ...server, parentSpanId: hop.spanId }, ...rest]
  assert.equal(summarize(traceId, spans).serverMs, 24)
  assert.equal(summarize(traceId, spans).networkMs, 6)
  assert.equal(summarize(traceId, spans).answeredBy, 'cruddur-backend')
  fetch.attributes = { 'app.server_ms': 26 }
  assert.equal(summarize(traceId, spans).serverMs, 26)
})

test('any two services are split into caller, network and server, and only a browser is a page', () => {
  const spans = clickToSql().map((one) => ({ ...one, service: one.service.replace('frontend', 'cron') }))
  const { pageMs, networkMs, serverMs, pages } = summarize(traceId, spans)
  assert.deepEqual([pageMs, networkMs, serverMs, pages], [10, 10, 20, []])
  assert.equal(summarize(traceId, spans).answeredBy, 'cruddur-backend')
  const [click, ...rest] = clickToSql()
  assert.ok(click)
  const fromBrowser = { ...click, resource: { 'telemetry.sdk.language': 'webjs' } }
  assert.deepEqual(summarize(traceId, [fromBrowser, ...rest]).pages, ['cruddur-frontend'])
})

test('a statement of a database that speaks no SQL is not counted as SQL', () => {
  const spans = ['postgresql', 'redis', 'mongodb'].map((system) =>
    span({ id: system, kind: 'client', attributes: { 'db.system.name': system, 'db.query.text': 'GET key' } }),
  )
  assert.equal(summarize(traceId, spans).sqlCount, 1)
})

test('without its click a trace has no page time', () => {
  assert.equal(summarize(traceId, clickToSql().slice(1)).pageMs, null)
})

test('clock differences do not make a trace longer than its root', () => {
  assert.equal(summarize(traceId, clickToSql(3000)).durationMs, 40)
})

test('a trace without its click names the missing parent', () => {
  const spans = clickToSql().slice(2)
  assert.equal(summarize(traceId, spans).complete, false)
  assert.equal(summarize(traceId, spans).rootName, 'server')
  const [sentence, ...others] = missingOf(spans)
  assert.match(sentence ?? '', /parent of “server” \(cruddur-backend\) has not arrived/)
  assert.deepEqual(others, [])
})

test('two roots are reported', () => {
  assert.match(missingOf([span({ id: 'a' }), span({ id: 'b' })])[0] ?? '', /This trace has 2 roots: a, b/)
})

test('a trace is still arriving for ten seconds after its first part', () => {
  const summary = summarize(traceId, clickToSql().slice(2), { firstSeenMs: 50_000 })
  assert.deepEqual(
    [isArriving(summary, 50_000), isArriving(summary, 59_999), isArriving(summary, 60_000)],
    [true, true, false],
  )
})

test('servers that name each other as parents are summarized, too', () => {
  const spans = [
    span({ id: 'a', parent: 'b', kind: 'server', service: 'one' }),
    span({ id: 'b', parent: 'a', kind: 'server', service: 'two' }),
  ]
  assert.match(summarize(traceId, spans).answeredBy ?? '', /one|two/)
})
