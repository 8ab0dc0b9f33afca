import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outdatedBy } from './outdated-by.ts'

const uuid = '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f'
const here = { handle: 'worf', isNotifiedOf: () => false, showsNotifications: false }

test('what says itself what is so now makes nobody ask', () => {
  const counts = { likes_count: 1, replies_count: 0, reposts_count: 0, liked: null, reposted: null }
  assert.deepEqual(outdatedBy({ kind: 'counts', uuid, ...counts }, here), [])
  assert.deepEqual(outdatedBy({ kind: 'gone', uuid }, here), [])
  const followers = { handle: 'worf', followers_count: 1, followed: null }
  assert.deepEqual(outdatedBy({ kind: 'followers', ...followers }, here), [])
})

test('the notifications that are shown bring the number of the unread with them', () => {
  const keys = outdatedBy({ kind: 'notifications' }, { ...here, showsNotifications: true })
  assert.deepEqual(keys, [['notifications']])
})

test('a message is read in its own conversation, in the list of them, and in the badge', () => {
  assert.deepEqual(outdatedBy({ kind: 'message', message_group_uuid: uuid, mine: false }, here), [
    ['unread'],
    ['messages', 'groups'],
    ['messages', 'thread', uuid],
  ])
})

test('the notifications of a crud go with it', () => {
  const notified = { ...here, isNotifiedOf: (gone: string) => gone === uuid }
  assert.deepEqual(outdatedBy({ kind: 'gone', uuid }, notified), [['notifications'], ['unread']])
})

test('a profile is read by who looks at it; one’s own also says who one is', () => {
  assert.deepEqual(outdatedBy({ kind: 'profile', handle: 'garek' }, here), [['activities', 'user', 'garek']])
  assert.deepEqual(outdatedBy({ kind: 'profile', handle: 'worf' }, here), [['activities', 'user', 'worf'], ['session']])
})

test('after a connection that broke all is read anew but who acts', () => {
  const keys = outdatedBy({ kind: 'resync' }, here).map(([room]) => room)
  assert.ok(keys.includes('messages') && keys.includes('activities') && !keys.includes('session'))
  assert.deepEqual(outdatedBy({ kind: 'signed-out' }, here), [['session']])
})
