import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  coveredMs,
  parseServerTiming,
  readClock,
  serverMsOf,
  serverPart,
  splitAction,
  splitRequest,
  wallClockAt,
} from './times.ts'

const nothing = { totalMs: null, proxyMs: null, atMs: null, backendSpan: null }
const backendSpan = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test("reads the servers' timing of an answer from its header", () => {
  const header = `total;dur=12.3, at;desc="1795214400000.5", traceparent;desc="${backendSpan}", proxy;dur=14.1`
  const account = parseServerTiming(header)
  assert.deepEqual(account, { totalMs: 12.3, atMs: 1795214400000.5, backendSpan, proxyMs: 14.1 })
  assert.equal(serverMsOf(account), 14.1, 'the hop through our own server is server time')
  assert.equal(serverMsOf({ ...account, proxyMs: null }), 12.3)
})

test("finds our servers' timing among the metrics of other servers", () => {
  assert.deepEqual(parseServerTiming('cdn-cache;desc="HIT, fast", db;dur=3 , total ; dur=7;desc="all"'), {
    ...nothing,
    totalMs: 7,
  })
})

test('reads nothing from a missing, an empty or a malformed header', () => {
  for (const header of [null, '', 'total', 'total;dur=abc, at;desc=""', ';;,=,'])
    assert.deepEqual(parseServerTiming(header), nothing)
})

const reused = { domainLookupStart: 103, connectEnd: 103, requestStart: 106.5, responseEnd: 117 }
const fresh = { domainLookupStart: 101, connectEnd: 104.5, requestStart: 106.5, responseEnd: 117 }

test('splits a request into page, network and server time that add up', () => {
  for (const timing of [reused, fresh])
    for (const serverMs of [0, 0.07, 8.1, 10.49]) {
      const { beforeSendMs, networkMs } = splitRequest(17, serverMs, timing)
      assert.ok(Math.abs((beforeSendMs ?? Number.NaN) + networkMs + serverMs - 17) < 0.011)
    }
})

test("counts the time before sending as the page's, and connecting as the network's", () => {
  assert.deepEqual(splitRequest(17, 8, reused), { beforeSendMs: 6.5, networkMs: 2.5 })
  assert.deepEqual(splitRequest(17, 8, fresh), { beforeSendMs: 3, networkMs: 6 })
})

test("counts all but the server's time as the network's without the browser's timing", () => {
  const hidden = { domainLookupStart: 0, connectEnd: 0, requestStart: 0, responseEnd: 117 }
  for (const timing of [undefined, hidden])
    assert.deepEqual(splitRequest(17, 8, timing), { beforeSendMs: null, networkMs: 9 })
  assert.deepEqual(splitRequest(12.300000000372529, 8.1, undefined), { beforeSendMs: null, networkMs: 4.2 })
})

test('makes no negative time from numbers that two clocks round differently', () => {
  assert.deepEqual(splitRequest(17, 10.6, reused), { beforeSendMs: 6.4, networkMs: 0 })
  assert.deepEqual(splitRequest(17, 17.3, reused), { beforeSendMs: 0, networkMs: 0 })
})

const request = { durationMs: 30, serverMs: 20, beforeSendMs: null, waitMs: null, downloadMs: null }

test('puts the server in the middle of the wait, never before the request was sent', () => {
  assert.deepEqual(serverPart(request), [5, 25])
  assert.deepEqual(serverPart({ ...request, serverMs: 18, beforeSendMs: 3, waitMs: 22, downloadMs: 4 }), [6, 24])
  assert.deepEqual(serverPart({ ...request, beforeSendMs: 9, waitMs: 30, downloadMs: 0 }), [9, 29])
  assert.deepEqual(serverPart({ ...request, serverMs: 50 }), [0, 30])
})

test('counts requests that run side by side once, so that the three times add up to the action', () => {
  const one = { ...request, beforeSendMs: 4, startMs: 2 }
  assert.deepEqual(splitAction(40, [one]), { pageMs: 14, networkMs: 6, serverMs: 20 })
  assert.deepEqual(splitAction(40, [one, one]), { pageMs: 14, networkMs: 6, serverMs: 20 })
  const later = { ...one, startMs: 8 }
  assert.deepEqual(splitAction(40, [one, later]), { pageMs: 8, networkMs: 6, serverMs: 26 })
})

test('counts a request only until the end of its action', () => {
  const { pageMs, networkMs, serverMs } = splitAction(20, [{ ...request, startMs: 5 }])
  assert.deepEqual([pageMs, networkMs, serverMs], [5, 5, 10])
  assert.equal(
    coveredMs(
      [
        [-5, 3],
        [2, 4],
        [30, 50],
      ],
      40,
    ),
    14,
  )
})

test("finds the offset of a server's clock, within half of the round trip", () => {
  assert.deepEqual(readClock(1_000, 4_040, 4_060, 1_100), { offsetMs: 3_000, errorMs: 42 })
  assert.deepEqual(readClock(10_000, 9_505, 9_515, 10_020), { offsetMs: -500, errorMs: 7 })
})

test('claims no offset that may be zero within its bound', () => {
  assert.deepEqual(readClock(1_000, 1_010, 1_030, 1_040), { offsetMs: 0, errorMs: 12 })
  assert.deepEqual(readClock(1_000, 1_070, 1_080, 1_090), { offsetMs: 0, errorMs: 72 })
})

/** Clocks that go on by this much at each reading, and a wall clock that was adjusted since the start. */
const mockClocks = (t: TestContext, pausesMs: readonly number[], adjustedMs = 0): void => {
  let nowMs = 1_000
  let reading = 0
  const next = () => {
    const now = nowMs
    nowMs += pausesMs[reading++] ?? 0.001
    return now
  }
  t.mock.method(performance, 'now', next)
  t.mock.method(Date, 'now', () => Math.floor(performance.timeOrigin + adjustedMs + next()))
}

test('reads the wall clock right on a machine that pauses between two readings', (t) => {
  mockClocks(t, [11, 0, 0, 15])
  assert.equal(wallClockAt(500), performance.timeOrigin + 500)
})

test('follows a wall clock that was adjusted', (t) => {
  mockClocks(t, [11], 60_000)
  assert.ok(Math.abs(wallClockAt(500) - performance.timeOrigin - 60_500) <= 1)
})
