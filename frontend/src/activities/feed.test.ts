import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  crudAddress,
  firstWords,
  hiddenReplies,
  living,
  livingKey,
  nextExpiry,
  onceEach,
  searchAddress,
  wished,
} from './feed.ts'
import { testTime as now, someActivity, someReply } from './testing.ts'

test('an activity on two pages is shown once, where it came first', () => {
  const pages = [
    [someActivity('a'), someActivity('b')],
    [someActivity('b'), someActivity('c')],
  ]
  assert.deepEqual(
    onceEach(pages).map(({ uuid }) => uuid),
    ['a', 'b', 'c'],
  )
})

test('a wish adds one to the count of the server, or takes one', () => {
  assert.deepEqual(wished(false, 3, true), { on: true, count: 4 })
  assert.deepEqual(wished(true, 3, false), { on: false, count: 2 })
  assert.deepEqual(wished(true, 3, undefined), { on: true, count: 3 })
})

test('a count that holds the wish already is not raised again', () => {
  assert.deepEqual(wished(true, 4, true), { on: true, count: 4 })
})

test('no count falls below none', () => {
  assert.equal(wished(true, 0, false).count, 0)
})

test('who has expired leaves for a second and is gone then, a reply as well as an activity with its replies', () => {
  const all = [
    someActivity('a', { livesMs: 0, replies: [someReply('b')] }),
    someActivity('c', { livesMs: 5_000, replies: [someReply('d'), someReply('e', { livesMs: 5_000 })] }),
  ]
  const left = (time: number) =>
    living(all, time).map(({ uuid, replies }) => [uuid, ...replies.map((reply) => reply.uuid)])
  assert.deepEqual(left(now + 999), [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ])
  assert.deepEqual(left(now + 1_500), [['c', 'd', 'e']])
  assert.deepEqual(left(now + 2_000), [['c', 'e']])
})

test('the key of the living changes exactly when somebody leaves or has left', () => {
  const all = [someActivity('a', { livesMs: 1_000, replies: [someReply('b', { livesMs: 3_000 })] })]
  const keys = [0, 999, 1_000, 1_999, 2_000, 2_999, 3_000, 3_999, 4_000].map((time) => livingKey(all, now + time))
  assert.deepEqual(keys, ['11', '11', '-1', '-1', '01', '01', '0-', '0-', '00'])
})

test('the next to leave may be a reply, and is nobody who has left', () => {
  const all = [
    someActivity('a', { livesMs: -1 }),
    someActivity('b', { livesMs: 9_000, replies: [someReply('c', { livesMs: 3_000 })] }),
  ]
  assert.equal(nextExpiry(all, now), now + 3_000)
  assert.equal(nextExpiry(all, now + 3_000), now + 9_000)
  assert.equal(nextExpiry(all, now + 9_000), null)
})

test('a message is told from another one by its first words', () => {
  assert.equal(firstWords('  Qapla’! '), 'Qapla’!')
  assert.equal(firstWords('Today is a good\nday to die, again'), 'Today is a good day…')
  assert.equal(firstWords('a'.repeat(60)), `${'a'.repeat(40)}…`)
  assert.equal(firstWords('👩‍🚀'.repeat(30)).isWellFormed(), true)
})

test('an address holds whatever a term may hold', () => {
  assert.equal(searchAddress('#warp & more'), '/search?term=%23warp+%26+more')
  assert.equal(crudAddress({ handle: 'worf', uuid: 'a' }), '/@worf/status/a')
})

test('a card says how many of its replies are elsewhere', () => {
  assert.equal(hiddenReplies(someActivity('a', { replies_count: 5, replies: [someReply('b'), someReply('c')] })), 3)
  assert.equal(hiddenReplies(someActivity('a', { replies_count: 0, replies: [someReply('b')] })), 0)
})
