import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clickToSql, span } from '../testing/spans.ts'
import { itemOf } from '../trace/item.ts'
import { logLineOf } from '../trace/log-line.ts'
import { type Segment, toXrayTraceId } from '../trace/segment.ts'
import { readQuery } from './search.ts'
import { TraceStore } from './store.ts'

const query = (text = '') => readQuery(new URLSearchParams(text))
const idOf = (number: number) => number.toString(16).padStart(32, '0')
const one = (number: number, note = '') =>
  span({ id: 'only', traceId: idOf(number), startMs: number, attributes: { note } })

test('the oldest trace is dropped when the bytes run out, and is counted', () => {
  const store = new TraceStore(20_000)
  for (let number = 1; number <= 100; number++) store.addSpan(one(number))
  const { window, dropped } = store.status()
  assert.ok(window.bytes <= 20_000)
  assert.equal(window.traces + dropped.traces, 100)
  assert.ok(window.traces > 5)
  assert.equal(store.trace(idOf(1)), null)
  assert.ok(store.trace(idOf(100)))
})

test('one large trace takes the place of several small ones', () => {
  const store = new TraceStore(40_000)
  for (let number = 1; number <= 100; number++) store.addSpan(one(number))
  const before = store.status().window.traces
  store.addSpan(one(101, 'x'.repeat(4_000)))
  const { window } = store.status()
  assert.ok(window.traces <= before - 4)
  assert.ok(window.bytes <= window.maxBytes)
})

test('an endless trace is cut and does not push out all others', () => {
  const store = new TraceStore(40_000)
  store.addSpan(one(1))
  for (let number = 0; number < 100; number++) store.addSpan(span({ id: `n${number}` }))
  const endless = store.trace(span({ id: 'x' }).traceId)
  assert.ok(store.trace(idOf(1)))
  assert.ok(endless)
  assert.equal(endless.spans.length + endless.droppedSpans, 100)
  assert.ok(endless.droppedSpans > 0)
})

test('a span that is sent twice is one span, and the later one counts', () => {
  const store = new TraceStore(100_000)
  for (const sent of clickToSql()) store.addSpan(sent)
  const bytes = store.status().window.bytes
  for (const sent of clickToSql()) store.addSpan(sent)
  assert.equal(store.status().window.bytes, bytes)
  assert.equal(store.status().window.spans, 5)
  store.addSpan({ ...(clickToSql()[0] as ReturnType<typeof span>), name: 'click again' })
  assert.equal(store.trace(clickToSql()[0]?.traceId as string)?.summary.rootName, 'click again')
})

test('spans may arrive in any order: they are sorted by start, and the summary covers all', () => {
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
  assert.deepEqual([store.addMetric('orders'), store.addMetric('orders'), store.status().metrics], [true, false, 1])
  store.clear()
  const empty = { spans: 0, segments: 0, items: 0, logs: 0 }
  assert.deepEqual(store.status(), {
    window: { bytes: 0, maxBytes: 10_000, traces: 0, untraced: 0, ...empty },
    dropped: { traces: 0, ...empty },
    refused: { requests: 0, ...empty },
    refusals: [],
    turnedAway: { honeycomb: 0, xray: 0, rollbar: 0, cloudwatch: 0 },
    metrics: 0,
  })
})

const itemAt = (number: number, traceId: string | null = idOf(number)) => {
  const data = { environment: 'test', body: { message: { body: `item ${number}` } }, custom: { trace_id: traceId } }
  return itemOf(data, `uuid-${number}`, number)
}
const lineAt = (number: number, traceId: string | null = idOf(number)) => {
  const text = JSON.stringify({ level: 'info', message: `line ${number}`, trace_id: traceId, note: 'searched' })
  return logLineOf({ id: `${number}`, timeMs: number, group: 'g', stream: 's', text })
}
const segmentAt = (number: number): Segment => {
  const trace_id = toXrayTraceId(idOf(number))
  return { id: '00f067aa0ba902b7', name: 'segment', trace_id, start_time: number, end_time: number + 1 }
}

test('all four signals share one window: a trace is dropped with everything that belongs to it', () => {
  const store = new TraceStore(60_000)
  for (let number = 1; number <= 100; number++) {
    store.addSpan(one(number))
    store.addSegment(segmentAt(number))
    store.addItem(itemAt(number))
    store.addLog(lineAt(number))
  }
  const { window, dropped } = store.status()
  assert.ok(window.bytes <= 60_000)
  for (const signal of ['spans', 'segments', 'items', 'logs'] as const) {
    assert.equal(window[signal], window.traces)
    assert.equal(window[signal] + dropped[signal], 100)
  }
  assert.equal(store.trace(idOf(1)), null)
  const latest = store.trace(idOf(100))
  assert.deepEqual(
    [latest?.spans, latest?.segments, latest?.items, latest?.logs].map((records) => records?.length),
    [1, 1, 1, 1],
  )
})

test('records without a trace are kept apart, and the oldest is dropped first', () => {
  const store = new TraceStore(200_000)
  store.addSpan(one(1))
  for (let number = 1; number <= 100; number++) store.addLog(lineAt(number, null))
  store.addItem(itemAt(7, null))
  const { window, dropped } = store.status()
  assert.equal(window.traces, 1)
  assert.equal(window.logs + dropped.logs, 100)
  assert.ok(window.bytes <= 200_000 / 8)
  const apart = store.trace('untraced')
  assert.equal(apart?.logs.at(-1)?.message, 'line 100')
  assert.equal(apart?.items.length, 1)
  assert.equal(window.untraced, (apart?.logs.length ?? 0) + 1)
  assert.equal(store.list(query()).matching, 1)
})

test('a trace without spans is in the list, under the best available name', () => {
  const store = new TraceStore(200_000)
  store.addSegment(segmentAt(1))
  store.addItem(itemAt(2))
  store.addLog(lineAt(3))
  const listed = store.list(query()).traces
  assert.deepEqual(
    listed.map(({ rootName, spanCount, complete }) => [rootName, spanCount, complete]),
    [
      ['segment', 0, false],
      ['line 3', 0, false],
      ['item 2', 0, false],
    ],
  )
  assert.deepEqual(
    store.trace(idOf(2))?.findings.map(({ code }) => code),
    ['no-spans'],
  )
  assert.equal(listed[0]?.durationMs, 1000)
})

test('a search covers all four signals, and an item counts as an error', () => {
  const store = new TraceStore(200_000)
  store.addItem(itemAt(2))
  store.addLog(lineAt(3))
  store.addSegment(segmentAt(4))
  const found = (text: string) => store.list(query(text)).traces.map(({ rootName }) => rootName)
  assert.deepEqual(found('q=Item+2'), ['item 2'])
  assert.deepEqual(found('q=note%3Dsear'), ['line 3'])
  assert.deepEqual(found('q=note%3Dother'), [])
  assert.deepEqual(found('q=1-00000000-000000000000000000000004'), ['segment'])
  assert.deepEqual(found('errors=true'), ['item 2'])
})

test('links show the causes and the effects of a trace', () => {
  const store = new TraceStore(100_000)
  const [click] = clickToSql()
  for (const sent of clickToSql()) store.addSpan(sent)
  const cause = { traceId: click?.traceId ?? '', spanId: click?.spanId ?? '', attributes: {} }
  const elsewhere = { traceId: idOf(9), spanId: cause.spanId, attributes: {} }
  const live = span({ id: 'live', traceId: idOf(1), name: 'live counts', links: [cause, elsewhere] })
  store.addSpan(live)
  assert.deepEqual(store.trace(idOf(1))?.causedBy, [
    { traceId: cause.traceId, spanId: cause.spanId, name: 'click like' },
    { traceId: idOf(9), spanId: cause.spanId, name: null },
  ])
  assert.deepEqual(store.trace(cause.traceId)?.caused, [{ traceId: idOf(1), spanId: live.spanId, name: 'live counts' }])
})
