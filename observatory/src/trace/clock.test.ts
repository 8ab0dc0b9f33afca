import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span } from '../testing/spans.ts'
import { callsOf, clockOffsets, clocksAgree, serverAt, shiftsOf } from './clock.ts'

test('a clock that is three seconds ahead is found, within half the network time and rounding', () => {
  const [offset] = clockOffsets(callsOf(clickToSql(3000)))
  assert.ok(offset)
  assert.equal(offset.offsetMs, 3000)
  assert.equal(offset.errorMs, 7)
  assert.equal(clocksAgree(offset), false)
})

test('clocks agree when a server span exceeds its fetch by a millisecond', () => {
  const [offset] = clockOffsets(callsOf(clickToSql(5)))
  assert.ok(offset && clocksAgree(offset))
})

test("the page's own measurement wins over the position of the spans", () => {
  const spans = clickToSql(3000)
  const fetch = spans[1]
  assert.ok(fetch)
  fetch.attributes = { 'app.clock_offset_ms': 2999.25, 'app.clock_offset_error_ms': 9 }
  const [offset] = clockOffsets(callsOf(spans))
  assert.deepEqual([offset?.offsetMs, offset?.errorMs], [2999.25, 9])
})

test('a call that the page measured wins over one where only the spans are known', () => {
  const spans = clickToSql(3)
  const fetch = spans[1]
  assert.ok(fetch)
  fetch.attributes = { 'app.clock_offset_ms': 0, 'app.clock_offset_error_ms': 4 }
  spans.push(
    span({ id: 'cut', kind: 'client', service: 'cruddur-frontend', startMs: 0, durationMs: 10 }),
    span({ id: 'late', parent: 'cut', kind: 'server', startMs: 40, durationMs: 9 }),
  )
  assert.deepEqual(clockOffsets(callsOf(spans)), [
    { from: 'cruddur-frontend', to: 'cruddur-backend', offsetMs: 0, errorMs: 4 },
  ])
})

test('a fetch that was cancelled or cut off is not used for clocks', () => {
  for (const attributes of [{ 'app.cancelled': true }, { 'app.ended_by': 'pagehide' }]) {
    const spans = clickToSql(3000)
    const fetch = spans[1]
    assert.ok(fetch)
    fetch.attributes = attributes
    assert.deepEqual(clockOffsets(callsOf(spans)), [])
  }
})

test("the page's measurement is about the service behind the page's own server", () => {
  const [click, fetch, server, ...rest] = clickToSql(3000)
  assert.ok(click && fetch && server)
  fetch.attributes = { 'app.clock_offset_ms': 2999, 'app.clock_offset_error_ms': 9 }
  const hop = span({
    id: 'hop',
    parent: 'fetch',
    kind: 'server',
    service: 'cruddur-frontend-server',
    startMs: fetch.startMs + 3,
    durationMs: 24,
  })
  const offsets = clockOffsets(callsOf([click, fetch, hop, { ...server, parentSpanId: hop.spanId }, ...rest]))
  assert.deepEqual(
    offsets.map(({ from, to, offsetMs }) => [from, to, offsetMs]),
    [
      ['cruddur-frontend', 'cruddur-backend', 2999],
      ['cruddur-frontend-server', 'cruddur-backend', 3000],
      ['cruddur-frontend', 'cruddur-frontend-server', 0],
    ],
  )
  assert.deepEqual(Object.fromEntries(shiftsOf('cruddur-frontend', offsets)), {
    'cruddur-frontend': 0,
    'cruddur-backend': -2999,
    'cruddur-frontend-server': 0,
  })
})

test('clocks that agree are not moved', () => {
  const offsets = clockOffsets(callsOf(clickToSql(6)))
  assert.deepEqual([...shiftsOf('cruddur-frontend', offsets).values()], [0, 0])
})

test('the call with the least network time decides the offset', () => {
  const spans = [
    ...clickToSql(100),
    span({ id: 'quick', kind: 'client', service: 'cruddur-frontend', startMs: 0, durationMs: 10 }),
    span({ id: 'served', parent: 'quick', kind: 'server', startMs: 101, durationMs: 9 }),
  ]
  const [offset] = clockOffsets(callsOf(spans))
  assert.equal(offset?.errorMs, 2.5)
  assert.equal(offset?.offsetMs, 100.5)
})

test('the place of a server span in its fetch is known only when the clocks agree or are aligned', () => {
  const place = (offsetMs: number, aligned: boolean) => {
    const [call, ...others] = callsOf(clickToSql(offsetMs))
    assert.ok(call && others.length === 0)
    const offsets = clockOffsets([call])
    return serverAt(call, offsets, aligned ? shiftsOf('cruddur-frontend', offsets) : new Map())
  }
  assert.equal(place(2, false), 7)
  assert.equal(place(3000, false), null)
  assert.equal(place(3000, true), 5)
})

test('a service behind another service moves by both offsets', () => {
  const shifts = shiftsOf('page', [
    { from: 'backend', to: 'mailer', offsetMs: -20, errorMs: 1 },
    { from: 'page', to: 'backend', offsetMs: 300, errorMs: 2 },
  ])
  assert.deepEqual(Object.fromEntries(shifts), { page: 0, backend: -300, mailer: -280 })
})

test('a call within one service compares no clocks', () => {
  const spans = clickToSql().map((one) => ({ ...one, service: 'one' }))
  assert.deepEqual(clockOffsets(callsOf(spans)), [])
})
