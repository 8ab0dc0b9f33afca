import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Span } from '@cruddur/vendor-doubles/span'
import { type Difference, differencesOf, evidenceIn, sizeOf, stockAndOurs } from './sameness.ts'
import type { Seen } from './sinks.ts'

const traceId = '5fa36975038e6cd00fc684a713d1b23f'
const path = '/api/activities/home'

const span = (
  spanId: string,
  parentSpanId: string | null,
  name: string,
  attributes: Span['attributes'],
  kind: Span['kind'] = 'internal',
): Span => ({
  ...{
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    attributes,
    traceState: '',
    service: '',
    status: 'unset',
    statusMessage: '',
  },
  ...{ startMs: 1_000, endMs: 1_001, durationMs: 1, resource: { 'service.name': 'a-service' } },
  ...{ scope: { name: '', version: '' }, events: [], links: [], dropped: 0 },
})
const request = (attributes: Span['attributes'] = {}) =>
  span(
    'a1',
    null,
    `GET ${path}`,
    { 'http.request.method': 'GET', 'url.path': path, 'http.route': path, ...attributes },
    'server',
  )
const useCase = (parent: string, attributes: Span['attributes'] = { 'app.result_length': 3 }) =>
  span('b1', parent, 'activity.home', attributes)
const text = 'SELECT uuid FROM activities'
const line = (spanId: string, fields = {}) => ({
  ...{ id: '1', group: 'cruddur', stream: 'a', timeMs: 1_000 },
  message: JSON.stringify({
    trace_id: traceId,
    span_id: spanId,
    message: 'the home feed was read',
    result_length: 3,
    ...fields,
  }),
})
const segment = (fields = {}) => ({
  ...{ id: 'f1', name: 'bench', trace_id: '1-5fa36975-038e6cd00fc684a713d1b23f', start_time: 1, end_time: 2 },
  http: { request: { method: 'GET', url: `http://127.0.0.1:4567${path}` }, response: { status: 200 } },
  ...fields,
})

/** As recorded: stock has a span for the route's handler, and a name for the statement that ours does not have. */
const stock: Seen = {
  spans: [
    request({ 'client.address': '127.0.0.1', 'server.port': 4567 }),
    span('e1', 'a1', 'request handler', { 'express.type': 'request_handler' }),
    useCase('e1'),
    span('c1', 'b1', 'pg.query:SELECT cruddur', { 'db.query.text': text, 'db.namespace': 'one' }, 'client'),
  ],
  segments: [segment()],
  lines: [line('b1')],
}
const ours: Seen = {
  spans: [
    request({ 'server.port': 4568, 'user.id': 'more than stock has' }),
    useCase('a1'),
    span('c1', 'b1', 'SELECT activities', { 'db.query.text': text, 'db.namespace': 'two' }, 'client'),
  ],
  segments: [segment({ name: 'cruddur-backend' })],
  lines: [line('b1')],
}
const compare = (seen: Seen, expected: readonly Difference[] = stockAndOurs) =>
  differencesOf(evidenceIn(stock), evidenceIn(seen), expected)
const without = (name: string): Seen => ({ ...ours, spans: ours.spans.filter((one) => one.name !== name) })
const changed = (name: string, to: (span: Span) => Span): Seen => ({
  ...ours,
  spans: ours.spans.map((one) => (one.name === name ? to(one) : one)),
})

test('two arms whose vendors got the same do not differ', () => {
  assert.deepEqual(compare(ours), [])
  assert.equal(sizeOf(evidenceIn(stock)), '1 requests, 3 spans, 1 log lines, 1 segments')
})

test('a difference that nobody wrote down is found', () => {
  assert.deepEqual(compare(ours, []), [
    'request GET /api/activities/home: client.address is missing: "127.0.0.1"',
    'request GET /api/activities/home: statement SELECT uuid FROM activities: name is "SELECT activities" instead of "pg.query:SELECT cruddur"',
    'request GET /api/activities/home: segment GET: name is "cruddur-backend" instead of "bench"',
  ])
})

test('a missing span is found', () => {
  assert.deepEqual(compare(without('SELECT activities')), [
    'request GET /api/activities/home: statement SELECT uuid FROM activities is missing below activity.home',
  ])
})

test('a span below the wrong parent is found', () => {
  assert.deepEqual(compare(changed('SELECT activities', (one) => ({ ...one, parentSpanId: 'a1' }))), [
    'request GET /api/activities/home: statement SELECT uuid FROM activities is below request GET /api/activities/home instead of activity.home',
  ])
})

test('a missing attribute and another value are found', () => {
  assert.deepEqual(compare(changed('activity.home', () => useCase('a1', {}))), [
    'request GET /api/activities/home: activity.home: app.result_length is missing: 3',
  ])
  assert.deepEqual(compare(changed('activity.home', () => useCase('a1', { 'app.result_length': 4 }))), [
    'request GET /api/activities/home: activity.home: app.result_length is 4 instead of 3',
  ])
})

test('a log line that is missing or belongs to another span is found', () => {
  const missing = 'request GET /api/activities/home: log the home feed was read is missing below activity.home'
  assert.deepEqual(compare({ ...ours, lines: [] }), [missing])
  assert.deepEqual(compare({ ...ours, lines: [line('b1', { trace_id: 'another' })] }), [missing])
  assert.deepEqual(compare({ ...ours, lines: [line('a1')] }), [
    'request GET /api/activities/home: log the home feed was read is below request GET /api/activities/home instead of activity.home',
  ])
})

test('a segment that is missing or says something else is found', () => {
  assert.deepEqual(compare({ ...ours, segments: [] }), [
    'request GET /api/activities/home: segment GET is missing below request GET /api/activities/home',
  ])
  const other = segment({ http: { request: segment().http.request, response: { status: 500 } } })
  assert.deepEqual(compare({ ...ours, segments: [other] }), [
    'request GET /api/activities/home: segment GET: http.response.status is 500 instead of 200',
  ])
})

test('a missing request is found', () => {
  assert.deepEqual(compare({ spans: [], segments: [], lines: [] }), ['request GET /api/activities/home is missing'])
})
