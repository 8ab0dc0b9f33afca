import assert from 'node:assert/strict'
import { test } from 'node:test'
import { learnServerTime, serverNow } from './server-clock.ts'

const aheadMs = () => Math.round((serverNow() - Date.now()) / 1_000) * 1_000

const answer = (offsetMs: number, tripMs: number) => {
  const sentAt = Date.now()
  learnServerTime(`total;dur=10, at;desc="${sentAt + tripMs / 2 - 5 + offsetMs}"`, sentAt, sentAt + tripMs)
}

test("learns the server's time from its fastest answer, and again after a clock was set", () => {
  assert.equal(aheadMs(), 0)
  learnServerTime(null, 0, 10)
  learnServerTime('total;dur=20', 0, 10)
  learnServerTime('total;dur=20, at;desc="soon"', 0, 10)
  assert.equal(aheadMs(), 0, 'ignores an answer without a time')
  answer(9_000, 100)
  assert.equal(aheadMs(), 9_000)
  answer(8_000, 2_000)
  assert.equal(aheadMs(), 9_000, 'ignores a slower answer')
  answer(60_000, 2_000)
  assert.equal(aheadMs(), 60_000, 'the clock was set')
})
