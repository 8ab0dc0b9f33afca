import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RecentMap } from './recent-map.ts'

test('remembers its newest entries, however often others are set again, deleted or cleared', () => {
  const map = new RecentMap<number, string>(3)
  const fill = (...keys: number[]) => {
    for (const key of keys) map.set(key, `value ${key}`)
  }
  fill(1, 2, 3, 1, 4)
  assert.deepEqual([...map.keys()], [3, 1, 4])
  map.delete(3)
  fill(5, 6)
  assert.deepEqual([...map.keys()], [4, 5, 6])
  map.clear()
  fill(6, 7, 8, 9, 6)
  assert.deepEqual([...map.keys()], [8, 9, 6])
  fill(...Array.from({ length: 10_000 }, (_, index) => index + 10))
  assert.deepEqual([...map.keys()], [10_007, 10_008, 10_009])
})
