import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Activity, Reply } from '@cruddur/shared/activities'
import { activitiesOf, firstWords, living, livingKey, wished, withLikes } from './feed.ts'

const now = Date.parse('2026-11-20T12:00:00.000Z')

const crud = (uuid: string, livesMs = 1_000): Reply => ({
  uuid,
  handle: 'worf',
  display_name: 'Worf',
  message: 'I am out of prune juice',
  likes_count: 3,
  replies_count: 0,
  reposts_count: 0,
  liked: false,
  reposted: false,
  reply_to_activity_uuid: null,
  created_at: new Date(now - 1_000).toISOString(),
  expires_at: new Date(now + livesMs).toISOString(),
})
const activity = (uuid: string, livesMs?: number, replies: Reply[] = []): Activity => ({
  ...crud(uuid, livesMs),
  reposted_by: null,
  replies,
})

test('an activity on two pages is shown once, where it came first', () => {
  const pages = [
    { activities: [activity('a'), activity('b')], next_cursor: '2' },
    { activities: [activity('b'), activity('c')], next_cursor: null },
  ]
  assert.deepEqual(
    activitiesOf(pages).map(({ uuid }) => uuid),
    ['a', 'b', 'c'],
  )
})

test('a wish adds one like to the count of the server, or takes one', () => {
  assert.deepEqual(wished(crud('a'), true), { liked: true, likes_count: 4 })
  assert.deepEqual(wished({ ...crud('a'), liked: true }, false), { liked: false, reposted: false, likes_count: 2 })
})

test('a count that holds the like already is not raised again', () => {
  assert.deepEqual(wished({ ...crud('a'), liked: true, likes_count: 4 }, true), { liked: true, likes_count: 4 })
})

test('no count falls below none', () => {
  assert.equal(wished({ ...crud('a'), liked: true, likes_count: 0 }, false).likes_count, 0)
})

test('an answer replaces the count wherever the activity stands, replies too', () => {
  const page = { activities: [activity('a', 1_000, [crud('b')]), activity('c')], next_cursor: null }
  const likes = { uuid: 'b', likes_count: 9, liked: true }
  const changed = withLikes(page, new Map([['b', likes]]))
  assert.equal(changed.activities[0]?.replies[0]?.likes_count, 9)
  assert.equal(changed.activities[0]?.likes_count, 3)
  assert.equal(page.activities[0]?.replies[0]?.likes_count, 3)
})

test('who has expired is gone, a reply as well as an activity with its replies', () => {
  const all = [activity('a', 0, [crud('b')]), activity('c', 5_000, [crud('d', 1_000), crud('e', 5_000)])]
  const left = living(all, now + 2_000)
  assert.deepEqual(
    left.map(({ uuid, replies }) => [uuid, replies.map((reply) => reply.uuid)]),
    [['c', ['e']]],
  )
})

test('the key of the living changes exactly when somebody has gone', () => {
  const all = [activity('a', 1_000, [crud('b', 3_000)])]
  assert.equal(livingKey(all, now), livingKey(all, now + 999))
  assert.notEqual(livingKey(all, now), livingKey(all, now + 1_000))
  assert.notEqual(livingKey(all, now + 1_000), livingKey(all, now + 3_000))
})

test('a message is told from another one by its first words', () => {
  assert.equal(firstWords('  Qapla’! '), 'Qapla’!')
  assert.equal(firstWords('Today is a good\nday to die, again'), 'Today is a good day…')
  assert.equal(firstWords('a'.repeat(60)), `${'a'.repeat(40)}…`)
  assert.equal(firstWords('👩‍🚀'.repeat(30)).isWellFormed(), true)
})
