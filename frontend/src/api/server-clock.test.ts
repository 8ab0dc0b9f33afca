import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clockOffset } from './server-clock.ts'

test('the clocks differ by what is left when the trip is taken off', () => {
  assert.equal(clockOffset('total;dur=20, at;desc="10040"', 1_000, 1_100), 9_000)
})

test('an answer that does not say its time says nothing about clocks', () => {
  assert.equal(clockOffset(null, 0, 10), null)
  assert.equal(clockOffset('total;dur=20', 0, 10), null)
  assert.equal(clockOffset('total;dur=20, at;desc="soon"', 0, 10), null)
})
