import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitDuration } from './duration-split.ts'

const reused = { domainLookupStart: 103, connectEnd: 103, requestStart: 106.5, responseEnd: 117 }
const fresh = { domainLookupStart: 101, connectEnd: 104.5, requestStart: 106.5, responseEnd: 117 }

test('before it was sent, the network and the server are together what the fetch took', () => {
  for (const timing of [reused, fresh])
    for (const serverMs of [0, 0.07, 8.1, 10.49]) {
      const { beforeSendMs, networkMs } = splitDuration(17, serverMs, timing)
      assert.ok(Math.abs((beforeSendMs ?? Number.NaN) + networkMs + serverMs - 17) < 0.011)
    }
})

test('what the browser did before it sent the request is not the network', () => {
  assert.deepEqual(splitDuration(17, 8, reused), { beforeSendMs: 6.5, networkMs: 2.5 })
})

test('connecting is the network', () => {
  assert.deepEqual(splitDuration(17, 8, fresh), { beforeSendMs: 3, networkMs: 6 })
})

test('without the timing of the request all that is not the server is the network', () => {
  const hidden = { domainLookupStart: 0, connectEnd: 0, requestStart: 0, responseEnd: 117 }
  for (const timing of [undefined, hidden])
    assert.deepEqual(splitDuration(17, 8, timing), { beforeSendMs: null, networkMs: 9 })
})

test('numbers that the clocks round apart make no negative time', () => {
  assert.deepEqual(splitDuration(17, 10.6, reused), { beforeSendMs: 6.4, networkMs: 0 })
  assert.deepEqual(splitDuration(17, 17.3, reused), { beforeSendMs: 0, networkMs: 0 })
})

test('numbers end after a hundredth of a millisecond', () => {
  assert.deepEqual(splitDuration(12.300000000372529, 8.1, undefined), { beforeSendMs: null, networkMs: 4.2 })
})
