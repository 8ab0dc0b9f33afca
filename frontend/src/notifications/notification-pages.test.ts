import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '@cruddur/shared/activities'
import type { Notification } from '@cruddur/shared/notifications'
import { livesAt, notificationsOf, unseenUntil } from './notification-pages.ts'
import { addressOf } from './notification-words.ts'

const now = Date.parse('2026-11-25T12:00:00.000Z')
const worf = { uuid: 'w', handle: 'worf', display_name: 'Worf' }

const crud = { uuid: 'c', handle: 'garek', expires_at: new Date(now + 1_000).toISOString() } as Reply

const notification = (uuid: string, ageMs: number, more: Partial<Notification> = {}): Notification => ({
  uuid,
  kind: 'like',
  actor: worf,
  activity: crud,
  message_group_uuid: null,
  created_at: new Date(now - ageMs).toISOString(),
  read: false,
  ...more,
})

const page = (...notifications: Notification[]) => ({
  notifications,
  next_cursor: null,
  unread: { notifications: 0, messages: 0 },
})

test('what stands on two pages is shown once, where it came first', () => {
  const again = { ...notification('b', 2), read: true }
  const shown = notificationsOf([page(notification('a', 1), notification('b', 2)), page(again, notification('c', 3))])
  assert.deepEqual(
    shown.map(({ uuid, read }) => [uuid, read]),
    [
      ['a', false],
      ['b', false],
      ['c', false],
    ],
  )
})

test('all is seen until the newest that was not', () => {
  const read = { read: true }
  assert.equal(
    unseenUntil([notification('a', 1, read), notification('b', 2), notification('c', 3)]),
    notification('b', 2).created_at,
  )
  assert.equal(unseenUntil([notification('a', 1, read)]), null)
  assert.equal(unseenUntil([]), null)
})

test('a notification leaves with the crud that it is about', () => {
  assert.equal(livesAt(now)(notification('a', 1)), true)
  assert.equal(livesAt(now + 1_000)(notification('a', 1)), false)
  assert.equal(livesAt(now + 1_000)(notification('a', 1, { kind: 'follow', activity: null })), true)
})

test('each kind leads to what it is about', () => {
  assert.equal(addressOf(notification('a', 1)), '/@garek/status/c')
  assert.equal(addressOf(notification('a', 1, { kind: 'follow', activity: null })), '/@worf')
  const message = { kind: 'message', activity: null, message_group_uuid: 'g' } as const
  assert.equal(addressOf(notification('a', 1, message)), '/messages/g')
})
