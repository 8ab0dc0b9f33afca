import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { patchProfile, renamed, renamePerson } from './person-cache.ts'

const worf = { handle: 'worf', display_name: 'Worf' }
const named = { handle: 'worf', display_name: 'Worf, son of Mogh' }

test('a new name shows in all data, however deep', () => {
  const data = { pages: [{ activities: [{ ...worf, message: 'Qapla’', replies: [{ ...worf, message: 'Again' }] }] }] }
  const after = renamed(data, named)
  assert.equal(after.pages[0]?.activities[0]?.display_name, named.display_name)
  assert.equal(after.pages[0]?.activities[0]?.replies[0]?.display_name, named.display_name)
  assert.equal(data.pages[0]?.activities[0]?.display_name, 'Worf')
})

test('data without the person stays the same object', () => {
  const garek = { handle: 'garek', display_name: 'Garek' }
  const data = { pages: [{ activities: [garek] }, { activities: [worf] }], at: null }
  const after = renamed(data, named)
  assert.equal(after.pages[0], data.pages[0])
  assert.notEqual(after.pages[1], data.pages[1])
  assert.equal(renamed(data.pages[0], named), data.pages[0])
})

test('a new name does not make data look fresh', () => {
  const queries = new QueryClient()
  queries.setQueryData(queryKeys.session, { user: worf, people: [worf] }, { updatedAt: 1_000 })
  queries.setQueryData(queryKeys.trends, { trends: [] }, { updatedAt: 1_000 })
  renamePerson(queries, named)
  assert.deepEqual(queries.getQueryData(queryKeys.session), { user: named, people: [named] })
  assert.equal(queries.getQueryState(queryKeys.session)?.dataUpdatedAt, 1_000)
})

test('a change to a profile shows on every page of its list', () => {
  const queries = new QueryClient()
  const profile = { ...worf, followers_count: 1 }
  queries.setQueryData(queryKeys.userFeed('worf'), { pages: [{ profile }, { profile }], pageParams: [null, 'a'] })
  patchProfile(queries, 'worf', (known) => ({ ...known, followers_count: known.followers_count + 1 }))
  const data = queries.getQueryData<{ pages: { profile: typeof profile }[] }>(queryKeys.userFeed('worf'))
  assert.deepEqual(
    data?.pages.map((page) => page.profile.followers_count),
    [2, 2],
  )
})
