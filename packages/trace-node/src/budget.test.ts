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

test('remembers the ten thousand keys that were used last', () => {
  const budget = new Budget({ each: { burst: 1, perSecond: 0.001 } }, () => 0)
  budget.spend('first')
  for (let n = 1; n < 10_000; n++) budget.spend(`key ${n}`)
  assert.ok(budget.spend('first') > 0)
  for (let n = 1; n <= 10_000; n++) budget.spend(`another key ${n}`)
  assert.equal(budget.spend('first'), 0)
})
