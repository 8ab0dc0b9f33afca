import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span } from '../testing/spans.ts'
import { readQuery } from './search.ts'
import { TraceStore } from './store.ts'

const query = (text = '') => readQuery(new URLSearchParams(text))
const idOf = (number: number) => number.toString(16).padStart(32, '0')
const one = (number: number, note = '') =>
  span({ id: 'only', traceId: idOf(number), startMs: number, attributes: { note } })

test('the oldest trace goes when the bytes run out, and is counted', () => {
  const store = new TraceStore(20_000)
  for (let number = 1; number <= 100; number++) store.addSpan(one(number))
  const { window, dropped } = store.status()
  assert.ok(window.bytes <= 20_000)
  assert.equal(window.traces + dropped.traces, 100)
  assert.ok(window.traces > 5)
  assert.equal(store.trace(idOf(1)), null)
  assert.ok(store.trace(idOf(100)))
})

test('bytes decide, not items: one large trace takes the place of several small ones', () => {
  const store = new TraceStore(40_000)
  for (let number = 1; number <= 100; number++) store.addSpan(one(number))
  const before = store.status().window.traces
  store.addSpan(one(101, 'x'.repeat(4_000)))
  const { window } = store.status()
  assert.ok(window.traces <= before - 4)
  assert.ok(window.bytes <= window.maxBytes)
})

test('one endless trace is cut, not all others pushed out', () => {
  const store = new TraceStore(40_000)
  store.addSpan(one(1))
  for (let number = 0; number < 100; number++) store.addSpan(span({ id: `n${number}` }))
  const endless = store.trace(span({ id: 'x' }).traceId)
  assert.ok(store.trace(idOf(1)))
  assert.ok(endless)
  assert.equal(endless.spans.length + endless.droppedSpans, 100)
  assert.ok(endless.droppedSpans > 0)
})

test('a span that is sent twice is one span, and the later word counts', () => {
  const store = new TraceStore(100_000)
  for (const sent of clickToSql()) store.addSpan(sent)
  const bytes = store.status().window.bytes
  for (const sent of clickToSql()) store.addSpan(sent)
  assert.equal(store.status().window.bytes, bytes)
  assert.equal(store.status().window.spans, 5)
  store.addSpan({ ...(clickToSql()[0] as ReturnType<typeof span>), name: 'click again' })
  assert.equal(store.trace(clickToSql()[0]?.traceId as string)?.summary.rootName, 'click again')
})

test('spans may arrive in any order: the answer is by start and the summary is of the whole', () => {
  const store = new TraceStore(100_000)
  const [click, ...rest] = clickToSql(3000)
  for (const sent of rest.reverse()) store.addSpan(sent)
  assert.equal(store.list(query()).traces[0]?.complete, false)
  store.addSpan(click as ReturnType<typeof span>)
  const trace = store.trace(click?.traceId as string)
  assert.deepEqual(
    trace?.spans.map((sent) => sent.name),
    ['click like', 'fetch', 'server', 'activity.like', 'sql'],
  )
  assert.equal(trace?.summary.complete, true)
  assert.equal(trace?.clockOffsetMs, 3000)
})

test('a search finds traces by name, attribute, key=value, id, service, duration and error', () => {
  const store = new TraceStore(100_000)
  for (const sent of clickToSql()) store.addSpan(sent)
  store.addSpan(span({ id: 'job', traceId: idOf(7), service: 'worker', status: { code: 'error', message: '' } }))
  const found = (text: string) => store.list(query(text)).traces.map((trace) => trace.rootName)
  assert.deepEqual(found(''), ['click like', 'job'])
  assert.deepEqual(found('q=INTO+likes'), ['click like'])
  assert.deepEqual(found('q=db.system.name%3Dpostgres'), ['click like'])
  assert.deepEqual(found('q=db.system.name%3Dmysql'), [])
  assert.deepEqual(found(`q=${idOf(7).slice(0, 31)}`), ['job'])
  assert.deepEqual(found('q=click+job'), [])
  assert.deepEqual(found('service=worker'), ['job'])
  assert.deepEqual(found('min_duration_ms=10'), ['click like'])
  assert.deepEqual(found('errors=true'), ['job'])
  assert.deepEqual(found('limit=1'), ['click like'])
})

test('clear empties the window and its counts', () => {
  const store = new TraceStore(10_000)
  for (let number = 1; number <= 100; number++) store.addSpan(one(number))
  store.clear()
  const empty = { spans: 0, segments: 0, items: 0, logs: 0 }
  assert.deepEqual(store.status(), {
    window: { bytes: 0, maxBytes: 10_000, traces: 0, untraced: 0, ...empty },
    dropped: { traces: 0, ...empty },
    refused: { requests: 0, ...empty },
    refusals: [],
    turnedAway: { honeycomb: 0, xray: 0, rollbar: 0, cloudwatch: 0 },
  })
})
