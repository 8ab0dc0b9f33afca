import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../../api/query-keys.ts'
import { someActivity, someReply } from '../testing.ts'
import {
  addActivity,
  countReply,
  keepBeginning,
  knownActivity,
  newCount,
  noteNewActivity,
  nothingNewIn,
  patchActivity,
  removeActivity,
  takeRepostOut,
  withWhatIsKnown,
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

test('what becomes known of an activity is shown in every list and on its page', () => {
  const { queries, everyone } = open()
  patchActivity(queries, 'a', { likes_count: 9, liked: true })
  for (const key of [everyone, queryKeys.userFeed('worf'), queryKeys.search('juice')])
    assert.equal(queries.getQueryData<{ pages: Page[] }>(key)?.pages[0]?.activities?.[0]?.likes_count, 9)
  assert.equal(queries.getQueryData<{ pages: Page[] }>(queryKeys.activity('a'))?.pages[0]?.activity?.likes_count, 9)
})

test('a list that is old, or could not be read again, is that still after a change', () => {
  const { queries, everyone } = open()
  const query = queries.getQueryCache().find({ queryKey: everyone })
  query?.setState({ status: 'error', error: new Error('offline'), dataUpdatedAt: 1 })
  patchActivity(queries, 'a', { likes_count: 9 })
  assert.deepEqual(
    [query?.state.status, query?.state.error?.message, query?.state.dataUpdatedAt],
    ['error', 'offline', 1],
  )
})

test('a list that knows nothing of the activity is not touched', () => {
  const { queries, everyone } = open()
  const before = queries.getQueryData(everyone)
  patchActivity(queries, 'x', { likes_count: 9 })
  assert.equal(queries.getQueryData(everyone), before)
})

test('a page that was on its way while something changed shows the change, and nothing that was deleted', () => {
  const { queries } = open()
  const askedAt = performance.now()
  patchActivity(queries, 'a', { likes_count: 9 })
  removeActivity(queries, 'b')
  const came = withWhatIsKnown(queries, page('a', 'b'), askedAt)
  assert.equal(came.activities?.[0]?.likes_count, 9)
  assert.ok(Date.parse(came.activities?.[1]?.expires_at ?? '') <= Date.now())
})

test('what is deleted has expired everywhere, and its replies with it', () => {
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

test('what one wrote is at once at the top of the feed and of one’s own page', () => {
  const { queries, everyone } = open()
  addActivity(queries, someActivity('n'))
  assert.deepEqual(uuidsIn(queries, everyone), [['n', 'a', 'b'], ['c']])
  assert.deepEqual(uuidsIn(queries, queryKeys.userFeed('worf')), [['n', 'a']])
  assert.deepEqual(uuidsIn(queries, queryKeys.search('juice')), [['a']])
})

test('a reply of one’s own is below its crud, in the feed and on its page, and not in the feed itself', () => {
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

test('a reply is counted once, however it became known', () => {
  const { queries } = open()
  countReply(queries, 'a', 0, 1)
  assert.equal(knownActivity(queries, 'a')?.replies_count, 1)
  patchActivity(queries, 'a', { replies_count: 2 })
  countReply(queries, 'a', 1, 1)
  assert.equal(knownActivity(queries, 'a')?.replies_count, 2)
  countReply(queries, 'a', 2, -1)
  assert.equal(knownActivity(queries, 'a')?.replies_count, 1)
})

test('a repost that was taken back is no longer in one’s own lists', () => {
  const { queries } = open()
  const worf = { uuid: 'w', handle: 'worf', display_name: 'Worf' }
  put(queries, queryKeys.userFeed('worf'), {
    activities: [someActivity('g', { handle: 'garek', reposted_by: worf })],
    next_cursor: null,
  })
  takeRepostOut(queries, 'g', 'worf')
  assert.deepEqual(uuidsIn(queries, queryKeys.userFeed('worf')), [[]])
})

const notRead = (key: readonly string[]) => assert.fail(`${key} is read`)

test('what others wrote is counted above the lists that it belongs into, and moves nothing', () => {
  const { queries, everyone } = open()
  put(queries, queryKeys.homeFeed('following'), page('a'))
  noteNewActivity(queries, event('n'), notRead)
  noteNewActivity(queries, event('o', { handle: 'garek', following: true }), notRead)
  assert.deepEqual(
    [newCount(queries, 'everyone'), newCount(queries, 'following'), newCount(queries, '@worf')],
    [2, 1, 1],
  )
  assert.deepEqual(uuidsIn(queries, everyone), [['a', 'b'], ['c']])
})

test('what is shown already, and what is read in no list, is not new', () => {
  const { queries } = open()
  noteNewActivity(queries, event('a'), notRead)
  noteNewActivity(queries, event('n', { following: true }), notRead)
  assert.deepEqual([newCount(queries, 'everyone'), newCount(queries, 'following')], [1, 0])
})

test('what is new is new no more once it has come, was deleted, or the list was read anew', () => {
  const { queries } = open()
  for (const uuid of ['n', 'o', 'p']) noteNewActivity(queries, event(uuid), notRead)
  withWhatIsKnown(queries, page('n'), 0)
  removeActivity(queries, 'o')
  assert.equal(newCount(queries, 'everyone'), 1)
  nothingNewIn(queries, 'everyone', performance.now())
  assert.equal(newCount(queries, 'everyone'), 0)
})

test('what one wrote here is never counted as new, what one wrote elsewhere is, a moment later', () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  const { queries } = open()
  noteNewActivity(queries, event('here', { mine: true }), notRead)
  noteNewActivity(queries, event('elsewhere', { mine: true }), notRead)
  addActivity(queries, someActivity('here'))
  assert.equal(newCount(queries, 'everyone'), 0)
  mock.timers.tick(2_000)
  assert.equal(newCount(queries, 'everyone'), 1)
  mock.timers.reset()
})

test('a reply of somebody else is read on the page of its crud, where that is known and lacks it', () => {
  const { queries } = open()
  const read: string[] = []
  const replyTo = (parent: string) => event('n', { reply_to_activity_uuid: parent })
  for (const parent of ['a', 'unread']) noteNewActivity(queries, replyTo(parent), (key) => read.push(key.join(' ')))
  assert.deepEqual(read, ['activities show a'])
  assert.equal(newCount(queries, 'everyone'), 0)
})

test('to show what is new, only the beginning of a list is kept', () => {
  const { queries, everyone } = open()
  keepBeginning(queries, everyone)
  assert.deepEqual(uuidsIn(queries, everyone), [['a', 'b']])
})
