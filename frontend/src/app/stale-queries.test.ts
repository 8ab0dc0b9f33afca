import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queryKeys } from '../api/query-keys.ts'
import { staleQueries } from './stale-queries.ts'

const uuid = '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f'
const page = { handle: 'worf', isNotifiedOf: () => false, showsNotifications: false }

test('an event that carries the new values makes no query stale', () => {
  const counts = { likes_count: 1, replies_count: 0, reposts_count: 0, liked: null, reposted: null }
  assert.deepEqual(staleQueries({ kind: 'counts', uuid, ...counts }, page), [])
  assert.deepEqual(staleQueries({ kind: 'gone', uuid }, page), [])
  const followers = { handle: 'worf', followers_count: 1, followed: null }
  assert.deepEqual(staleQueries({ kind: 'followers', ...followers }, page), [])
})

test('the notifications page fetches the unread counts with its list', () => {
  const keys = staleQueries({ kind: 'notifications' }, { ...page, showsNotifications: true })
  assert.deepEqual(keys, [queryKeys.notifications])
})

test('a message makes its conversation, the list and the badge stale', () => {
  assert.deepEqual(staleQueries({ kind: 'message', message_group_uuid: uuid, mine: false }, page), [
    queryKeys.unread,
    queryKeys.messageGroups,
    queryKeys.thread(uuid),
  ])
})

test('a crud that is gone takes its notifications with it', () => {
  const notified = { ...page, isNotifiedOf: (gone: string) => gone === uuid }
  assert.deepEqual(staleQueries({ kind: 'gone', uuid }, notified), [queryKeys.notifications, queryKeys.unread])
})

test('a changed profile makes that profile stale, and the session too when it is your own', () => {
  assert.deepEqual(staleQueries({ kind: 'profile', handle: 'garek' }, page), [queryKeys.userFeed('garek')])
  assert.deepEqual(staleQueries({ kind: 'profile', handle: 'worf' }, page), [
    queryKeys.userFeed('worf'),
    queryKeys.session,
  ])
})

test('a lost connection makes everything stale except the session', () => {
  const keys = staleQueries({ kind: 'resync' }, page).map(([room]) => room)
  assert.ok(keys.includes('messages') && keys.includes('activities') && !keys.includes('session'))
  assert.deepEqual(staleQueries({ kind: 'signed-out' }, page), [queryKeys.session])
})
