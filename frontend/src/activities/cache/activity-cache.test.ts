import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../../api/query-keys.ts'
import { someActivity, someReply } from '../testing.ts'
import {
  addActivity,
  clearNew,
  keepFirstPage,
  knownActivity,
  newCount,
  noteNewActivity,
  patchActivity,
  removeActivity,
  takeRepostOut,
  withRecentChanges,
} from './activity-cache.ts'
import type { Page } from './activity-pages.ts'

const page = (...uuids: string[]): Page => ({ activities: uuids.map((uuid) => someActivity(uuid)), next_cursor: null })

const put = (queries: QueryClient, queryKey: readonly unknown[], ...pages: Page[]) =>
  queries.setQueryData(queryKey, { pages, pageParams: pages.map((_, index) => (index === 0 ? null : String(index))) })

const uuidsIn = (queries: QueryClient, queryKey: readonly unknown[]) =>
  queries
    .getQueryData<{ pages: Page[] }>(queryKey)
    ?.pages.map(({ activities, replies }) => [...(activities ?? []), ...(replies ?? [])].map(({ uuid }) => uuid))

const open = () => {
  const queries = new QueryClient({ defaultOptions: { queries: { gcTime: Number.POSITIVE_INFINITY } } })
  const everyone = queryKeys.homeFeed('everyone')
  put(queries, everyone, page('a', 'b'), page('c'))
  put(queries, queryKeys.userFeed('worf'), page('a'))
  put(queries, queryKeys.activity('a'), { activity: someActivity('a'), parent: null, replies: [], next_cursor: null })
  put(queries, queryKeys.search('juice'), page('a'))
  return { queries, everyone }
}

const event = (uuid: string, given = {}) => ({
  uuid,
  handle: 'worf',
  reply_to_activity_uuid: null,
  following: false,
  mine: false,
  ...given,
})

test('a change to an activity shows in every list and on its page', () => {
  const { queries, everyone } = open()
  patchActivity(queries, 'a', { likes_count: 9, liked: true })
  for (const key of [everyone, queryKeys.userFeed('worf'), queryKeys.search('juice')])
    assert.equal(queries.getQueryData<{ pages: Page[] }>(key)?.pages[0]?.activities?.[0]?.likes_count, 9)
  assert.equal(queries.getQueryData<{ pages: Page[] }>(queryKeys.activity('a'))?.pages[0]?.activity?.likes_count, 9)
})

test('a change does not make a stale or failed list look fresh', () => {
  const { queries, everyone } = open()
  const query = queries.getQueryCache().find({ queryKey: everyone })
  query?.setState({ status: 'error', error: new Error('offline'), dataUpdatedAt: 1 })
  patchActivity(queries, 'a', { likes_count: 9 })
  assert.deepEqual(
    [query?.state.status, query?.state.error?.message, query?.state.dataUpdatedAt],
    ['error', 'offline', 1],
  )
})

test('a change leaves lists without the activity alone', () => {
  const { queries, everyone } = open()
  const before = queries.getQueryData(everyone)
  patchActivity(queries, 'x', { likes_count: 9 })
  assert.equal(queries.getQueryData(everyone), before)
})

test('a page that was requested before a change or a deletion shows it', () => {
  const { queries } = open()
  const askedAt = performance.now()
  patchActivity(queries, 'a', { likes_count: 9 })
  removeActivity(queries, 'b')
  const came = withRecentChanges(queries, page('a', 'b'), askedAt)
  assert.equal(came.activities?.[0]?.likes_count, 9)
  assert.ok(Date.parse(came.activities?.[1]?.expires_at ?? '') <= Date.now())
})

test('a deleted activity expires everywhere, with its replies', () => {
  const { queries } = open()
  const reply = someReply('r', { reply_to_activity_uuid: 'a', livesMs: 1e12 })
  put(queries, queryKeys.activity('a'), {
    activity: someActivity('a', { livesMs: 1e12 }),
    parent: null,
    replies: [reply],
    next_cursor: null,
  })
  removeActivity(queries, 'a')
  const [shown] = queries.getQueryData<{ pages: Page[] }>(queryKeys.activity('a'))?.pages ?? []
  for (const { expires_at } of [shown?.activity, shown?.replies?.[0]].filter((activity) => activity != null))
    assert.ok(Date.parse(expires_at) <= Date.now())
})

test('a new activity of the user goes to the top of the feed and of the profile', () => {
  const { queries, everyone } = open()
  addActivity(queries, someActivity('n'))
  assert.deepEqual(uuidsIn(queries, everyone), [['n', 'a', 'b'], ['c']])
  assert.deepEqual(uuidsIn(queries, queryKeys.userFeed('worf')), [['n', 'a']])
  assert.deepEqual(uuidsIn(queries, queryKeys.search('juice')), [['a']])
})

test('a new reply of the user goes below its activity, not into the feed', () => {
  const { queries, everyone } = open()
  addActivity(queries, someActivity('r', { reply_to_activity_uuid: 'a' }))
  assert.deepEqual(uuidsIn(queries, everyone), [['a', 'b'], ['c']])
  assert.deepEqual(uuidsIn(queries, queryKeys.activity('a')), [['r']])
  const known = knownActivity(queries, 'a')
  assert.ok(known && 'replies' in known)
  assert.deepEqual(
    known.replies.map(({ uuid }) => uuid),
    ['r'],
  )
})

test('an undone repost leaves the user’s lists', () => {
  const { queries } = open()
  const worf = { uuid: 'w', handle: 'worf', display_name: 'Worf' }
  put(queries, queryKeys.userFeed('worf'), {
    activities: [someActivity('g', { handle: 'garek', reposted_by: worf })],
    next_cursor: null,
  })
  takeRepostOut(queries, 'g', 'worf')
  assert.deepEqual(uuidsIn(queries, queryKeys.userFeed('worf')), [[]])
})

const neverRefetch = (key: readonly string[]) => assert.fail(`${key} is fetched`)

test('counts new activities of other users for each list, without moving the list', () => {
  const { queries, everyone } = open()
  put(queries, queryKeys.homeFeed('following'), page('a'))
  noteNewActivity(queries, event('n'), neverRefetch)
  noteNewActivity(queries, event('o', { handle: 'garek', following: true }), neverRefetch)
  assert.deepEqual(
    [newCount(queries, 'everyone'), newCount(queries, 'following'), newCount(queries, '@worf')],
    [2, 1, 1],
  )
  assert.deepEqual(uuidsIn(queries, everyone), [['a', 'b'], ['c']])
})

test('does not count activities that a list shows, or activities for lists that are not loaded', () => {
  const { queries } = open()
  noteNewActivity(queries, event('a'), neverRefetch)
  noteNewActivity(queries, event('n', { following: true }), neverRefetch)
  assert.deepEqual([newCount(queries, 'everyone'), newCount(queries, 'following')], [1, 0])
})

test('stops counting an activity once it is shown, deleted or fetched', () => {
  const { queries } = open()
  for (const uuid of ['n', 'o', 'p']) noteNewActivity(queries, event(uuid), neverRefetch)
  withRecentChanges(queries, page('n'), 0)
  removeActivity(queries, 'o')
  assert.equal(newCount(queries, 'everyone'), 1)
  clearNew(queries, 'everyone', performance.now())
  assert.equal(newCount(queries, 'everyone'), 0)
})

test('counts activities that the user wrote in another tab, but not in this one', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { queries } = open()
  noteNewActivity(queries, event('here', { mine: true }), neverRefetch)
  noteNewActivity(queries, event('elsewhere', { mine: true }), neverRefetch)
  addActivity(queries, someActivity('here'))
  assert.equal(newCount(queries, 'everyone'), 0)
  mock.timers.tick(2_000)
  assert.equal(newCount(queries, 'everyone'), 1)
  mock.timers.reset()
})

test('a new reply refetches the page of its activity, if that is loaded', () => {
  const { queries } = open()
  const read: string[] = []
  const replyTo = (parent: string) => event('n', { reply_to_activity_uuid: parent })
  for (const parent of ['a', 'unread']) noteNewActivity(queries, replyTo(parent), (key) => read.push(key.join(' ')))
  assert.deepEqual(read, ['activities show a'])
  assert.equal(newCount(queries, 'everyone'), 0)
})

test('keeps only the first page of a list to show new activities', () => {
  const { queries, everyone } = open()
  keepFirstPage(queries, everyone)
  assert.deepEqual(uuidsIn(queries, everyone), [['a', 'b']])
})
