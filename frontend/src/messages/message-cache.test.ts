import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Message, MessageGroup } from '@cruddur/shared/messages'
import { QueryClient } from '@tanstack/react-query'
import { queryKeys } from '../api/query-keys.ts'
import { knownThread, showSent } from './message-cache.ts'

const garek = { handle: 'garek', display_name: 'Garek' }
const group: MessageGroup = {
  uuid: 'g',
  ...garek,
  message: 'Tea?',
  created_at: '2026-11-25T12:00:00Z',
  unread_count: 0,
}
const message = (uuid: string, text: string): Message => ({
  uuid,
  message_group_uuid: 'g',
  handle: 'worf',
  display_name: 'Worf',
  message: text,
  created_at: '2026-11-25T12:01:00Z',
})
const texts = (queries: QueryClient) =>
  knownThread(queries, 'g')?.pages.flatMap(({ messages }) => messages.map(({ message }) => message))

test('a sent message goes to the end of its conversation', () => {
  const queries = new QueryClient()
  const page = { message_group: group, messages: [message('a', 'Tea?')], next_cursor: null }
  queries.setQueryData(queryKeys.thread('g'), { pages: [page], pageParams: [null] })
  showSent(queries, message('b', 'Prune juice.'), garek)
  showSent(queries, message('b', 'Prune juice.'), garek)
  assert.deepEqual(texts(queries), ['Tea?', 'Prune juice.'])
})

test('the first message begins its conversation, which is fetched when the user opens it', () => {
  const queries = new QueryClient()
  queries.setQueryData(queryKeys.conversationWith('garek'), { person: { uuid: 'u', ...garek }, group: null })
  showSent(queries, message('a', 'Tea?'), garek)
  assert.deepEqual(texts(queries), ['Tea?'])
  assert.equal(queries.getQueryState(queryKeys.thread('g'))?.dataUpdatedAt, 0)
  assert.equal(
    queries.getQueryData<{ group: MessageGroup }>(queryKeys.conversationWith('garek'))?.group.uuid,
    'g',
    'so the page moves to its address',
  )
})
