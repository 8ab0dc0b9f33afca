import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Session } from '@cruddur/shared/session'
import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { forgetFormerUser, switchUser } from './switch-user.ts'

const uuid = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`
const sessionOf = (handle: string | null, digit = 1): Session => ({
  user: handle === null ? null : { uuid: uuid(digit), handle, display_name: handle },
  people: [],
})

const pageOf = (session: Session) => {
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  })
  queries.setQueryData(queryKeys.session, session)
  queries
    .getQueryCache()
    .find({ queryKey: queryKeys.session })
    ?.setOptions({ meta: { isSameForAll: true } } as never)
  return queries
}

const until = async (happened: () => boolean) => {
  while (!happened()) await setTimeout(5)
}

test('removes private data of the former user from the page and fetches it again', async () => {
  const queries = pageOf(sessionOf('worf'))
  let read = 0
  const messages = new QueryObserver(queries, {
    queryKey: queryKeys.messageGroups,
    queryFn: () => `conversations ${++read}`,
  })
  const unsubscribe = messages.subscribe(() => {})
  await until(() => messages.getCurrentResult().data === 'conversations 1')

  switchUser(queries, sessionOf('garek', 2))
  forgetFormerUser(queries)
  assert.equal(messages.getCurrentResult().data, undefined)
  await until(() => messages.getCurrentResult().data === 'conversations 2')
  unsubscribe()
  queries.clear()
})

test('keeps public data on the page while it is fetched again, and forgets data that is not shown', async () => {
  const queries = pageOf(sessionOf(null))
  let read = 0
  const feed = new QueryObserver(queries, {
    queryKey: queryKeys.homeFeed('everyone'),
    queryFn: () => `feed ${++read}`,
  })
  const unsubscribe = feed.subscribe(() => {})
  queries.setQueryData(queryKeys.userFeed('worf'), 'not shown')
  await until(() => feed.getCurrentResult().data === 'feed 1')

  switchUser(queries, sessionOf('worf'))
  forgetFormerUser(queries)
  assert.equal(feed.getCurrentResult().data, 'feed 1')
  assert.equal(queries.getQueryData(queryKeys.userFeed('worf')), undefined)
  assert.deepEqual(queries.getQueryData(queryKeys.session), sessionOf('worf'))
  await until(() => feed.getCurrentResult().data === 'feed 2')
  unsubscribe()
  queries.clear()
})

test('ignores a late answer to the former user', async () => {
  const queries = pageOf(sessionOf('worf'))
  let answer = (_: string) => {}
  const notifications = new QueryObserver(queries, {
    queryKey: queryKeys.notifications,
    queryFn: () =>
      new Promise<string>((resolve) => {
        answer = resolve
      }),
  })
  const unsubscribe = notifications.subscribe(() => {})
  const answerToWorf = answer
  switchUser(queries, sessionOf('garek', 2))
  answerToWorf('for worf')
  await setTimeout(10)
  assert.equal(queries.getQueryData(queryKeys.notifications), undefined)

  forgetFormerUser(queries)
  answer('for garek')
  await until(() => queries.getQueryData(queryKeys.notifications) === 'for garek')
  unsubscribe()
  queries.clear()
})
