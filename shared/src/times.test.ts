import assert from 'node:assert/strict'
import { test } from 'node:test'
import { covered, parseServerTiming, readClock, serverMsOf, serverPart, splitAction, splitRequest } from './times.ts'

const told = { totalMs: null, proxyMs: null, atMs: null, backendSpan: null }
const backendSpan = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

test("our servers' account of an answer is read from its header", () => {
  const header = `total;dur=12.3, at;desc="1795214400000.5", traceparent;desc="${backendSpan}", proxy;dur=14.1`
  const account = parseServerTiming(header)
  assert.deepEqual(account, { totalMs: 12.3, atMs: 1795214400000.5, backendSpan, proxyMs: 14.1 })
  assert.equal(serverMsOf(account), 14.1, 'the hop through our own server is server time')
  assert.equal(serverMsOf({ ...account, proxyMs: null }), 12.3)
})

test('it is found among what others have to say', () => {
  assert.deepEqual(parseServerTiming('cdn-cache;desc="HIT, fast", db;dur=3 , total ; dur=7;desc="all"'), {
    ...told,
    totalMs: 7,
  })
})

test('no header, an empty one and nonsense say nothing', () => {
  for (const header of [null, '', 'total', 'total;dur=soon, at;desc=""', ';;,=,'])
    assert.deepEqual(parseServerTiming(header), told)
})

const reused = { domainLookupStart: 103, connectEnd: 103, requestStart: 106.5, responseEnd: 117 }
const fresh = { domainLookupStart: 101, connectEnd: 104.5, requestStart: 106.5, responseEnd: 117 }

test('page, network and server time are together what the request took', () => {
  for (const timing of [reused, fresh])
    for (const serverMs of [0, 0.07, 8.1, 10.49]) {
      const { beforeSendMs, networkMs } = splitRequest(17, serverMs, timing)
      assert.ok(Math.abs((beforeSendMs ?? Number.NaN) + networkMs + serverMs - 17) < 0.011)
    }
})

test('what the browser did before it sent the request is the page, and connecting is the network', () => {
  assert.deepEqual(splitRequest(17, 8, reused), { beforeSendMs: 6.5, networkMs: 2.5 })
  assert.deepEqual(splitRequest(17, 8, fresh), { beforeSendMs: 3, networkMs: 6 })
})

test("without the browser's timing all that is not the server is the network", () => {
  const hidden = { domainLookupStart: 0, connectEnd: 0, requestStart: 0, responseEnd: 117 }
  for (const timing of [undefined, hidden])
    assert.deepEqual(splitRequest(17, 8, timing), { beforeSendMs: null, networkMs: 9 })
  assert.deepEqual(splitRequest(12.300000000372529, 8.1, undefined), { beforeSendMs: null, networkMs: 4.2 })
})

test('numbers that the clocks round apart make no negative time', () => {
  assert.deepEqual(splitRequest(17, 10.6, reused), { beforeSendMs: 6.4, networkMs: 0 })
  assert.deepEqual(splitRequest(17, 17.3, reused), { beforeSendMs: 0, networkMs: 0 })
})

const request = { durationMs: 30, serverMs: 20, beforeSendMs: null, waitMs: null, downloadMs: null }

test('the server is in the middle of the wait, and never before the request was sent', () => {
  assert.deepEqual(serverPart(request), [5, 25])
  assert.deepEqual(serverPart({ ...request, serverMs: 18, beforeSendMs: 3, waitMs: 22, downloadMs: 4 }), [6, 24])
  assert.deepEqual(serverPart({ ...request, beforeSendMs: 9, waitMs: 30, downloadMs: 0 }), [9, 29])
  assert.deepEqual(serverPart({ ...request, serverMs: 50 }), [0, 30])
})

test('requests that run side by side are counted once, so that page, network and server are the whole action', () => {
  const one = { ...request, beforeSendMs: 4, startMs: 2 }
  assert.deepEqual(splitAction(40, [one]), { pageMs: 14, networkMs: 6, serverMs: 20 })
  assert.deepEqual(splitAction(40, [one, one]), { pageMs: 14, networkMs: 6, serverMs: 20 })
  const later = { ...one, startMs: 8 }
  assert.deepEqual(splitAction(40, [one, later]), { pageMs: 8, networkMs: 6, serverMs: 26 })
})

test('what lasts longer than the action counts as far as the action goes', () => {
  const { pageMs, networkMs, serverMs } = splitAction(20, [{ ...request, startMs: 5 }])
  assert.deepEqual([pageMs, networkMs, serverMs], [5, 5, 10])
  assert.equal(
    covered(
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

test('a server three seconds ahead or half a second behind is found to be, to within half of the way', () => {
  assert.deepEqual(readClock(1_000, 4_040, 4_060, 1_100), { offsetMs: 3_000, errorMs: 42 })
  assert.deepEqual(readClock(10_000, 9_505, 9_515, 10_020), { offsetMs: -500, errorMs: 7 })
})

test('no offset is claimed that the bound does not support', () => {
  assert.deepEqual(readClock(1_000, 1_010, 1_030, 1_040), { offsetMs: 0, errorMs: 12 })
  assert.deepEqual(readClock(1_000, 1_070, 1_080, 1_090), { offsetMs: 0, errorMs: 72 })
})
