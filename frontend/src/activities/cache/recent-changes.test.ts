import assert from 'node:assert/strict'
import { test } from 'node:test'
import { someReply } from '../testing.ts'
import { RecentChanges } from './recent-changes.ts'

const openChanges = () => {
  let time = 0
  return { changes: new RecentChanges(() => time), setTime: (now: number) => (time = now) }
}

test('corrects a page that was requested before the change, but no later page', () => {
  const { changes, setTime } = openChanges()
  setTime(100)
  changes.note('a', { likes_count: 6, liked: true })
  assert.equal(changes.apply(someReply('a'), 90).likes_count, 6)
  assert.equal(changes.apply(someReply('a'), 101).likes_count, 3)
})

test('merges the changes of one activity', () => {
  const { changes } = openChanges()
  changes.note('a', { likes_count: 6, liked: true })
  changes.note('a', { reposts_count: 2 })
  const { likes_count, liked, reposts_count } = changes.apply(someReply('a'), 0)
  assert.deepEqual({ likes_count, liked, reposts_count }, { likes_count: 6, liked: true, reposts_count: 2 })
})

test('a deleted activity stays deleted, whatever comes later', () => {
  const { changes, setTime } = openChanges()
  const expires_at = new Date(0).toISOString()
  changes.noteDeleted('a', expires_at)
  setTime(100)
  changes.note('a', { likes_count: 1 })
  assert.equal(changes.apply(someReply('a'), 200).expires_at, expires_at)
})

test('returns the same object for an activity without a known change', () => {
  const activity = someReply('a')
  assert.equal(openChanges().changes.apply(activity, 0), activity)
})

test('remembers only the latest changes', () => {
  const { changes } = openChanges()
  for (let index = 0; index < 500; index += 1) changes.note(String(index), { likes_count: 9 })
  assert.equal(changes.apply(someReply('0'), 0).likes_count, 3)
  assert.equal(changes.apply(someReply('499'), 0).likes_count, 9)
})
