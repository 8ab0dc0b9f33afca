import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agree } from './compare.ts'
import { estimate, median, quantile, shuffled } from './statistics.ts'

test('a quantile between two values is between them', () => {
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
  assert.equal(quantile([0, 10], 0.99), 9.9)
})

test('an interval has the median in it, and is narrow when the rounds agree', () => {
  const far = estimate([1, 2, 3, 4, 5, 6, 7, 8, 9], median)
  assert.equal(far.median, 5)
  assert.ok(far.low >= 1 && far.low < 5 && far.high > 5 && far.high <= 9)
  assert.deepEqual(estimate([2, 2, 2], median), { median: 2, low: 2, high: 2 })
})

test('two runs agree when each median lies in the interval of the other run', () => {
  assert.ok(agree({ median: 5, low: 4, high: 6 }, { median: 5.5, low: 4.5, high: 7 }))
  assert.ok(!agree({ median: 5, low: 4, high: 6 }, { median: 6.5, low: 4.5, high: 7 }))
  assert.ok(!agree({ median: 5, low: 4, high: 6 }, { median: 5.5, low: 5.2, high: 7 }))
})

test('shuffling keeps every item', () => {
  assert.deepEqual(shuffled([1, 2, 3, 4]).toSorted(), [1, 2, 3, 4])
})
