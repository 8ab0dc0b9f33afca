import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Budget, networkOf } from './budget.ts'

test('a bucket empties, says how long to wait, and fills again', () => {
  let now = 0
  const budget = new Budget({ each: { burst: 10, perSecond: 2 }, everybody: { burst: 100, perSecond: 100 } }, () => now)
  assert.equal(budget.spend('a', 10), 0)
  assert.equal(budget.spend('a', 4), 2)
  assert.equal(budget.spend('b', 4), 0)
  now = 2
  assert.equal(budget.spend('a', 4), 0)
})

test('a million addresses do not take a million places', () => {
  const plenty = { burst: 10, perSecond: 1 }
  const budget = new Budget({ each: plenty })
  for (let n = 0; n < 20_000; n++) budget.spend(`10.0.${n >> 8}.${n & 255}`, 1)
  assert.equal(budget.buckets, 10_000)
})

test('an IPv6 network of one customer is one address', () => {
  assert.equal(networkOf('2001:db8:1:ff00::1'), networkOf('2001:db8:1:ffff:1:2:3:4'))
  assert.notEqual(networkOf('2001:db8:1:ff00::1'), networkOf('2001:db8:1:fe00::1'))
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
})
