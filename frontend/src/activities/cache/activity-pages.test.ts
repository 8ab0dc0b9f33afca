import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Reply } from '@cruddur/shared/activities'
import { someActivity, someReply } from '../testing.ts'
import {
  activitiesIn,
  changedPage,
  hiddenReplies,
  type Page,
  withLastReply,
  withNewest,
  withNewReply,
  withoutRepost,
} from './activity-pages.ts'

const likedBy =
  (uuid: string) =>
  <Shown extends Reply>(activity: Shown): Shown =>
    activity.uuid === uuid ? { ...activity, likes_count: 9 } : activity

const crudPage: Page = {
  activity: someActivity('a', { replies: [someReply('r')] }),
  parent: someActivity('p'),
  replies: [someReply('r'), someReply('s')],
  next_cursor: null,
}
const feedPage: Page = {
  activities: [someActivity('a', { replies: [someReply('r')] }), someActivity('b')],
  next_cursor: null,
}

test('a change reaches an activity in a list, on its own page, and above or below another activity', () => {
  const counts = (page: Page) => activitiesIn(page).map(({ uuid, likes_count }) => `${uuid}${likes_count}`)
  assert.deepEqual(counts(changedPage(feedPage, likedBy('r'))), ['r9', 'a3', 'b3'])
  assert.deepEqual(counts(changedPage(crudPage, likedBy('r'))), ['r9', 'a3', 'p3', 'r9', 's3'])
  assert.deepEqual(counts(changedPage(crudPage, likedBy('p'))), ['r3', 'a3', 'p9', 'r3', 's3'])
})

test('unchanged pages and activities stay the same objects', () => {
  assert.equal(changedPage(feedPage, likedBy('x')), feedPage)
  assert.equal(changedPage(crudPage, likedBy('x')), crudPage)
  assert.equal(changedPage(feedPage, likedBy('b')).activities?.[0], feedPage.activities?.[0])
})

test('a new reply appears once, among the newest three', () => {
  const crud = someActivity('a', { replies: ['1', '2', '3'].map((uuid) => someReply(uuid)) })
  const reply = someReply('4', { reply_to_activity_uuid: 'a' })
  const shown = withNewReply(crud, reply)
  assert.deepEqual(
    shown.replies.map(({ uuid }) => uuid),
    ['2', '3', '4'],
  )
  assert.equal(shown.replies_count, 3)
  assert.equal(withNewReply(shown, reply), shown)
  assert.equal(withNewReply(someActivity('b'), reply).replies.length, 0)
})

test('a new activity appears once, at the top of the first page', () => {
  const pages = withNewest([feedPage, feedPage], someActivity('n'))
  assert.deepEqual(
    pages.map(({ activities }) => activities?.length),
    [3, 2],
  )
  assert.equal(pages[0]?.activities?.[0]?.uuid, 'n')
  assert.equal(withNewest(pages, someActivity('n')), pages)
})

test('a new reply goes to the end of the replies, if the end is loaded', () => {
  const reply = someReply('n', { reply_to_activity_uuid: 'a' })
  const pages = withLastReply([crudPage], reply)
  assert.deepEqual(
    pages[0]?.replies?.map(({ uuid }) => uuid),
    ['r', 's', 'n'],
  )
  assert.equal(withLastReply(pages, reply), pages)
  const unread: Page[] = [{ ...crudPage, next_cursor: 'more' }]
  assert.equal(withLastReply(unread, reply), unread)
})

test('undoing a repost removes only the card of that repost', () => {
  const worf = { uuid: 'w', handle: 'worf', display_name: 'Worf' }
  const page: Page = {
    activities: [
      someActivity('a', { handle: 'garek', reposted_by: worf }),
      someActivity('b', { handle: 'garek' }),
      someActivity('c', { handle: 'garek', reposted_by: { ...worf, handle: 'andrewbrown' } }),
    ],
    next_cursor: null,
  }
  assert.deepEqual(
    withoutRepost(page, 'a', 'worf').activities?.map(({ uuid }) => uuid),
    ['b', 'c'],
  )
  assert.equal(withoutRepost(page, 'b', 'worf'), page)
  assert.equal(withoutRepost(page, 'c', 'worf'), page)
})

test('a card says how many replies it does not show', () => {
  assert.equal(hiddenReplies(someActivity('a', { replies_count: 5, replies: [someReply('b'), someReply('c')] })), 3)
  assert.equal(hiddenReplies(someActivity('a', { replies_count: 0, replies: [someReply('b')] })), 0)
})
