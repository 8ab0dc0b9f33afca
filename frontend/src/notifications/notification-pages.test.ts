import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '@cruddur/shared/activities'
import type { Notification } from '@cruddur/shared/notifications'
import { isCurrentAt, newestUnreadAt } from './notification-pages.ts'
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

test('finds the time of the newest unread notification', () => {
  const read = { read: true }
  assert.equal(
    newestUnreadAt([notification('a', 1, read), notification('b', 2), notification('c', 3)]),
    notification('b', 2).created_at,
  )
  assert.equal(newestUnreadAt([notification('a', 1, read)]), null)
  assert.equal(newestUnreadAt([]), null)
})

test('a notification leaves when its activity expires', () => {
  assert.equal(isCurrentAt(now)(notification('a', 1)), true)
  assert.equal(isCurrentAt(now + 1_000)(notification('a', 1)), false)
  assert.equal(isCurrentAt(now + 1_000)(notification('a', 1, { kind: 'follow', activity: null })), true)
})

test('each kind links to its subject', () => {
  assert.equal(addressOf(notification('a', 1)), '/@garek/status/c')
  assert.equal(addressOf(notification('a', 1, { kind: 'follow', activity: null })), '/@worf')
  const message = { kind: 'message', activity: null, message_group_uuid: 'g' } as const
  assert.equal(addressOf(notification('a', 1, message)), '/messages/g')
})
