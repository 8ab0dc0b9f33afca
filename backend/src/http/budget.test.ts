import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Budget } from './budget.ts'

test('an empty bucket says how long to wait, and fills again', () => {
  let now = 0
  const budget = new Budget({ each: { burst: 10, perSecond: 2 }, everybody: { burst: 100, perSecond: 100 } }, () => now)
  assert.equal(budget.spend('a', 10), 0)
  assert.equal(budget.spend('a', 4), 2)
  assert.equal(budget.spend('b', 4), 0)
  now = 2
  assert.equal(budget.spend('a', 4), 0)
})

test('the number of buckets is bounded', () => {
  const plenty = { burst: 10, perSecond: 1 }
  const budget = new Budget({ each: plenty })
  for (let n = 0; n < 20_000; n++) budget.spend(`10.0.${n >> 8}.${n & 255}`, 1)
  assert.equal(budget.buckets, 10_000)
})
