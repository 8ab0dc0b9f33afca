import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message, MessageGroup, MessageThread } from '@cruddur/shared/messages'
import type { Unsent } from '../writing/outbox.ts'
import { dayWords, inTurns, mergedNewest, messagesOf, notArrived, withMessage, withSent } from './thread-pages.ts'

const start = new Date(2026, 10, 25, 12).getTime()

const message = (uuid: string, atMs: number, handle = 'worf', text = uuid): Message => ({
  uuid,
  message_group_uuid: 'g',
  handle,
  display_name: handle,
  message: text,
  created_at: new Date(start + atMs).toISOString(),
})
const group = (uuid: string, unread_count = 0): MessageGroup => ({
  uuid,
  handle: 'worf',
  display_name: 'Worf',
  message: null,
  created_at: new Date(start).toISOString(),
  unread_count,
})
const page = (messages: Message[], next_cursor: string | null = null): MessageThread => ({
  message_group: group('g'),
  messages,
  next_cursor,
})
const names = (messages: readonly { uuid: string }[]) => messages.map(({ uuid }) => uuid)

test('pages come newest first, and a thread is shown oldest first', () => {
  const pages = [page([message('c', 3), message('d', 4)], 'x'), page([message('a', 1), message('b', 2)])]
  assert.deepEqual(names(messagesOf(pages)), ['a', 'b', 'c', 'd'])
})

test('a sent message is shown once, however often it arrives', () => {
  const sent = message('d', 4, 'andrew')
  const [first] = withMessage([page([message('c', 3)])], sent)
  assert.deepEqual(names(messagesOf([first as MessageThread, page([sent])])), ['c', 'd'])
})

test('a new page that overlaps the known one keeps the older messages', () => {
  const known = page([message('a', 1), message('b', 2)], 'before-a')
  const fresh = page([message('b', 2), message('c', 3)], 'before-b')
  const merged = mergedNewest(known, fresh)
  assert.deepEqual(names(merged.messages), ['a', 'b', 'c'])
  assert.equal(merged.next_cursor, 'before-a')
})

test('a new page that does not overlap the known one replaces it', () => {
  // The page added the user's own message: others may be missing before it.
  const known = page([message('a', 1), message('e', 5, 'andrew')], 'before-a')
  const fresh = page([message('d', 4), message('e', 5, 'andrew')], 'before-d')
  assert.equal(mergedNewest(known, fresh), fresh)
  assert.equal(mergedNewest(undefined, fresh), fresh)
})

test('a sent message moves its conversation to the top', () => {
  const pages = [
    { message_groups: [group('f'), group('h')], next_cursor: 'x' },
    { message_groups: [group('g')], next_cursor: null },
  ]
  const after = withSent(pages, message('m', 9, 'andrew', 'Hello'))
  assert.deepEqual(
    after.map(({ message_groups }) => names(message_groups)),
    [['g', 'f', 'h'], []],
  )
  assert.equal(after[0]?.message_groups[0]?.message, 'Hello')
})

const unsent = (key: string, text: string, atMs: number, state: Unsent['state'] = 'sending'): Unsent => ({
  ...{ key, author: 'uuid of andrew', message: text, writtenAt: start + atMs },
  target: { kind: 'message', handle: 'worf', display_name: 'Worf' },
  ...{ state, sentence: null, traceId: null },
})

test('a message whose live event comes before its answer is shown once', () => {
  const arrived = [message('m', 1_050, 'andrew', 'ok')]
  const on = [unsent('a', 'ok', 1_000), unsent('b', 'ok', 1_000), unsent('c', 'other', 1_000)]
  assert.deepEqual(
    notArrived(on, arrived, 'andrew').map(({ key }) => key),
    ['b', 'c'],
  )
})

test('a sending text matches only a new message of its author, and a waiting text matches no message', () => {
  const arrived = [message('m', -60_000, 'andrew', 'ok'), message('n', 1_050, 'worf', 'ok')]
  assert.equal(notArrived([unsent('a', 'ok', 1_000)], arrived, 'andrew').length, 1)
  const same = [message('m', 1_050, 'andrew', 'ok')]
  assert.equal(notArrived([unsent('a', 'ok', 1_000, 'waiting')], same, 'andrew').length, 1)
})

test('a turn ends with another person, another day or a long pause', () => {
  const minute = 60_000
  const turns = inTurns([
    message('a', 0),
    message('b', minute),
    message('c', 2 * minute, 'andrew'),
    message('d', 20 * minute, 'andrew'),
    message('e', 24 * 60 * minute, 'andrew'),
  ])
  assert.deepEqual(
    turns.map(({ endsTurn }) => endsTurn),
    [false, true, true, true, true],
  )
  assert.deepEqual(
    turns.map(({ beginsDay }) => beginsDay),
    [true, false, false, false, true],
  )
})

test('names a day Today, Yesterday or by its date', () => {
  const at = new Date(start).toISOString()
  assert.equal(dayWords(at, start), 'Today')
  assert.equal(dayWords(at, start + 24 * 60 * 60_000), 'Yesterday')
  assert.equal(dayWords(at, start + 48 * 60 * 60_000), 'Wednesday, November 25')
})

test('names a day of 23 hours Yesterday', () => {
  const { TZ } = process.env
  process.env.TZ = 'Europe/Berlin'
  try {
    const now = new Date(2026, 2, 30, 0, 30).getTime()
    assert.equal(dayWords(new Date(2026, 2, 29, 12).toISOString(), now), 'Yesterday')
    assert.notEqual(dayWords(new Date(2026, 2, 28, 23, 45).toISOString(), now), 'Yesterday')
  } finally {
    if (TZ === undefined) delete process.env.TZ
    else process.env.TZ = TZ
  }
})

test('names the year of a date in another year', () => {
  const newYear = new Date(2027, 0, 5, 12).getTime()
  assert.equal(dayWords(new Date(start).toISOString(), newYear), 'Wednesday, November 25, 2026')
  assert.equal(dayWords(new Date(2027, 0, 2, 12).toISOString(), newYear), 'Saturday, January 2')
})
