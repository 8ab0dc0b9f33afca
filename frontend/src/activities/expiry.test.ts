import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expiryKey, unexpired } from './expiry.ts'
import { testTime as now, someActivity, someReply } from './testing.ts'

test('an expired activity or reply fades for a second and is then gone', () => {
  const all = [
    someActivity('a', { livesMs: 0, replies: [someReply('b')] }),
    someActivity('c', { livesMs: 5_000, replies: [someReply('d'), someReply('e', { livesMs: 5_000 })] }),
  ]
  const left = (time: number) =>
    unexpired(all, time).map(({ uuid, replies }) => [uuid, ...replies.map((reply) => reply.uuid)])
  assert.deepEqual(left(now + 999), [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ])
  assert.deepEqual(left(now + 1_500), [['c', 'd', 'e']])
  assert.deepEqual(left(now + 2_000), [['c', 'e']])
})

test('the key changes when an activity or reply begins to fade and when it is gone', () => {
  const all = [someActivity('a', { livesMs: 1_000, replies: [someReply('b', { livesMs: 3_000 })] })]
  const keys = [0, 999, 1_000, 1_999, 2_000, 2_999, 3_000, 3_999, 4_000].map((time) => expiryKey(all, now + time))
  assert.deepEqual(keys, ['11', '11', '-1', '-1', '01', '01', '0-', '0-', '00'])
})
