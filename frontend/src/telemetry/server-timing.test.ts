import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockOffset, parseServerTiming } from './server-timing.ts'

test("the server's account of an answer is read from its header", () => {
  assert.deepEqual(parseServerTiming('total;dur=12.3, at;desc="1795214400000.5"'), {
    totalMs: 12.3,
    atMs: 1795214400000.5,
  })
})

test('it is found among what others have to say', () => {
  assert.deepEqual(parseServerTiming('cdn-cache;desc="HIT, fast", db;dur=3 , total ; dur=7;desc="all"'), {
    totalMs: 7,
    atMs: null,
  })
})

test('no header, an empty one and nonsense say nothing', () => {
  for (const header of [null, '', 'total', 'total;dur=soon, at;desc=""', ';;,=,'])
    assert.deepEqual(parseServerTiming(header), { totalMs: null, atMs: null })
})

test('a server three seconds ahead is three seconds ahead, however long the way was', () => {
  assert.equal(clockOffset(1_000, 4_040, 4_060, 1_100), 3_000)
})

test('equal clocks are no time apart', () => {
  assert.equal(clockOffset(1_000, 1_010, 1_030, 1_040), 0)
})

test('a server behind is behind', () => {
  assert.equal(clockOffset(10_000, 9_505, 9_515, 10_020), -500)
})
