import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, test } from 'node:test'
import { Message, MessageGroups, MessageThread } from '@cruddur/shared/messages'
import { Notifications, Unread } from '@cruddur/shared/notifications'
import * as z from 'zod/mini'
import type { LiveNote } from '../live-note.ts'
import {
  type Call,
  createDatabase,
  eventually,
  listenTo,
  startApp,
  type TestApp,
  type TestDatabase,
} from '../testing.ts'

let database: TestDatabase
let app: TestApp
let notes: LiveNote[]
let worf: Call
let garek: Call
let andrew: Call

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
  notes = (await listenTo(database)).notes
  await database.query(
    `INSERT INTO users (handle, display_name, demo)
     SELECT 'crew_' || n, 'Crew ' || n, true FROM generate_series(1, 60) n`,
  )
  worf = await app.actAs('worf')
  garek = await app.actAs('garek')
  andrew = await app.actAs('andrewbrown')
})

const post = (call: Call, json: object, key?: string) =>
  call('POST', '/api/messages', { json, headers: key === undefined ? {} : { 'idempotency-key': key } })
const send = async (call: Call, json: object, key?: string) => {
  const { status, body } = await post(call, json, key)
  assert.equal(status, 200, JSON.stringify(body))
  return z.parse(Message, body)
}
const groupsOf = async (call: Call, query = '') => {
  const { status, body } = await call('GET', `/api/message_groups${query}`)
  assert.equal(status, 200)
  return z.parse(MessageGroups, body)
}
const threadOf = async (call: Call, group: string, query = '') => {
  const { status, body } = await call('GET', `/api/messages/${group}${query}`)
  assert.equal(status, 200, JSON.stringify(body))
  return z.parse(MessageThread, body)
}
const unreadOf = async (call: Call) => z.parse(Unread, (await call('GET', '/api/unread')).body)
const codeOf = async (answer: Promise<{ status: number; body: unknown }>) => {
  const { status, body } = await answer
  const { code, fields } = body as { code: string; fields?: Record<string, string> }
  return [status, code, Object.keys(fields ?? {}).join()]
}

test('a first message starts a conversation, and the reply joins it', async () => {
  const first = await send(worf, { handle: 'Garek', message: '  You are a tailor?\r\n' })
  assert.equal(first.message, 'You are a tailor?')
  assert.equal(first.handle, 'worf')
  const [seen] = (await groupsOf(garek)).message_groups
  assert.equal(seen?.uuid, first.message_group_uuid)
  assert.equal(seen?.handle, 'worf')
  assert.equal(seen?.message, 'You are a tailor?')
  assert.equal(seen?.unread_count, 1)
  assert.equal(seen?.created_at, first.created_at)

  const answer = await send(garek, { message_group_uuid: first.message_group_uuid, message: 'A simple one.' })
  assert.equal(answer.message_group_uuid, first.message_group_uuid)
  const again = await send(worf, { handle: 'garek', message: 'Hm.' })
  assert.equal(again.message_group_uuid, first.message_group_uuid)

  const thread = await threadOf(worf, first.message_group_uuid)
  assert.deepEqual(
    thread.messages.map(({ handle, message }) => [handle, message]),
    [
      ['worf', 'You are a tailor?'],
      ['garek', 'A simple one.'],
      ['worf', 'Hm.'],
    ],
  )
  assert.equal(thread.message_group.handle, 'garek')
  assert.equal(thread.message_group.unread_count, 1)
  assert.equal(thread.next_cursor, null)
})

test('reading a conversation clears the count and the notification of the reader, and is announced', async () => {
  const { message_group_uuid: group } = await send(worf, { handle: 'crew_1', message: 'One' })
  await send(worf, { handle: 'crew_1', message: 'Two' })
  const crew = await app.actAs('crew_1')
  assert.deepEqual(await unreadOf(crew), { notifications: 0, messages: 2 })
  const told = async () =>
    z.parse(Notifications, (await crew('GET', '/api/activities/notifications')).body).notifications
  const [notification, ...others] = await told()
  assert.deepEqual(others, [], 'one notification for each conversation')
  assert.equal(notification?.kind, 'message')
  assert.equal(notification?.actor.handle, 'worf')
  assert.equal(notification?.message_group_uuid, group)
  assert.equal(notification?.activity, null)
  assert.equal(notification?.read, false)

  notes.length = 0
  const { status, body } = await crew('POST', `/api/messages/${group}/read`)
  assert.deepEqual([status, body], [200, { message_group_uuid: group, unread_count: 0 }])
  assert.deepEqual(await unreadOf(crew), { notifications: 0, messages: 0 })
  assert.equal((await told())[0]?.read, true)
  await eventually(() => notes.length === 2)
  assert.deepEqual(notes.map(({ kind }) => kind).sort(), ['message-read', 'notifications'])

  notes.length = 0
  await crew('POST', `/api/messages/${group}/read`)
  const third = await send(worf, { handle: 'crew_1', message: 'Three' })
  await eventually(() => notes.length === 2)
  assert.deepEqual(notes.map(({ kind }) => kind).sort(), ['message', 'notifications'], 'nothing was unread')
  const again = (await told())[0]
  assert.equal(again?.uuid, notification?.uuid)
  assert.equal(again?.read, false)
  assert.equal(again?.created_at, third.created_at)
})

test('another person’s conversation looks like one that does not exist', async () => {
  const { message_group_uuid: group } = await send(worf, { handle: 'garek', message: 'Between us.' })
  const cursor = Buffer.from(JSON.stringify([Date.now(), randomUUID()])).toString('base64url')
  for (const [method, path, json] of [
    ['GET', `/api/messages/${group}`, undefined],
    ['GET', `/api/messages/${group}?before=${cursor}`, undefined],
    ['POST', `/api/messages/${group}/read`, undefined],
    ['POST', '/api/messages', { message_group_uuid: group, message: 'Me too!' }],
  ] as const) {
    const strange = await andrew(method, path, json ? { json } : {})
    const missing = await andrew(
      method,
      path.replace(group, randomUUID()),
      json ? { json: { ...json, message_group_uuid: randomUUID() } } : {},
    )
    assert.equal(strange.status, 404, `${method} ${path}`)
    assert.deepEqual(
      [missing.status, (missing.body as { message: string }).message],
      [strange.status, (strange.body as { message: string }).message],
      'the answer is the same as for a missing conversation',
    )
    assert.equal((await app.call(method, path, json ? { json } : {})).status, 401)
  }
  assert.equal(
    (await groupsOf(andrew)).message_groups.some(({ uuid }) => uuid === group),
    false,
  )
  assert.equal(
    (await threadOf(garek, group)).messages.some(({ message }) => message === 'Me too!'),
    false,
  )
  assert.notEqual((await threadOf(garek, group)).message_group.unread_count, 0)
})

test('fifty first messages at once from both sides make one conversation', async () => {
  const [two, three] = [await app.actAs('crew_2'), await app.actAs('crew_3')]
  const sent = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      n % 2 === 0
        ? send(two, { handle: 'crew_3', message: `m${n}` })
        : send(three, { handle: 'crew_2', message: `m${n}` }),
    ),
  )
  assert.equal(new Set(sent.map(({ message_group_uuid }) => message_group_uuid)).size, 1)
  assert.equal(new Set(sent.map(({ uuid }) => uuid)).size, 50)
  for (const call of [two, three]) {
    const { message_groups: groups } = await groupsOf(call)
    assert.equal(groups.length, 1)
    assert.equal(groups[0]?.unread_count, 25)
    assert.equal((await threadOf(call, groups[0]?.uuid as string, '?limit=50')).messages.length, 50)
    assert.deepEqual(await unreadOf(call), { notifications: 0, messages: 25 })
  }
})

test('sending and reading at once from both sides do not deadlock', async () => {
  const [four, five] = [await app.actAs('crew_4'), await app.actAs('crew_5')]
  const { message_group_uuid: group } = await send(four, { handle: 'crew_5', message: 'Begin' })
  const answers = await Promise.all(
    Array.from({ length: 80 }, (_, n) => {
      const call = n % 2 === 0 ? four : five
      return n % 4 < 2
        ? post(call, { message_group_uuid: group, message: `m${n}` })
        : call('POST', `/api/messages/${group}/read`)
    }),
  )
  assert.ok(answers.every(({ status }) => status === 200))
  for (const call of [four, five]) await call('POST', `/api/messages/${group}/read`)
  for (const call of [four, five]) assert.deepEqual(await unreadOf(call), { notifications: 0, messages: 0 })
})

test('a hundred requests with one key send one message and get equal answers', async () => {
  const key = randomUUID()
  const sent = await Promise.all(
    Array.from({ length: 100 }, () => send(worf, { handle: 'crew_6', message: 'Once.' }, key)),
  )
  assert.equal(new Set(sent.map((message) => JSON.stringify(message))).size, 1)
  const crew = await app.actAs('crew_6')
  assert.deepEqual(await unreadOf(crew), { notifications: 0, messages: 1 })
  const group = sent[0]?.message_group_uuid as string
  assert.deepEqual(await send(worf, { message_group_uuid: group, message: 'Once.' }, key), sent[0])

  assert.deepEqual((await codeOf(post(worf, { handle: 'crew_6', message: 'Twice.' }, key)))[1], 'conflict')
  assert.deepEqual((await codeOf(post(worf, { handle: 'crew_7', message: 'Once.' }, key)))[1], 'conflict')
  assert.deepEqual((await groupsOf(await app.actAs('crew_7'))).message_groups, [])
  const other = await send(garek, { handle: 'crew_6', message: 'Once.' }, key)
  assert.notEqual(other.uuid, sent[0]?.uuid, 'another user may use the same key')
})

test('the list of conversations can be asked for the one with a person', async () => {
  const [one, other] = [await app.actAs('crew_58'), await app.actAs('crew_59')]
  await send(one, { handle: 'worf', message: 'To another person.' })
  const { message_group_uuid: uuid } = await send(one, { handle: 'crew_59', message: 'Hello.' })
  const [found, ...rest] = (await groupsOf(one, '?handle=crew_59')).message_groups
  assert.deepEqual([found?.uuid, found?.handle, rest], [uuid, 'crew_59', []])
  assert.equal((await groupsOf(other, '?handle=@Crew_58')).message_groups[0]?.uuid, uuid)
  assert.deepEqual(await groupsOf(one, '?handle=crew_60'), { message_groups: [], next_cursor: null })
  assert.deepEqual((await groupsOf(other, '?handle=worf')).message_groups, [], 'the conversation of two others')
  assert.deepEqual((await groupsOf(one, '?handle=gowron')).message_groups, [])
})

test('a message needs a text of valid length and a receiver', async () => {
  assert.deepEqual(await codeOf(post(worf, { handle: 'garek', message: ' \n ' })), [422, 'message_blank', 'message'])
  assert.deepEqual(await codeOf(post(worf, { handle: 'garek', message: '🖖'.repeat(1_025) })), [
    422,
    'message_exceed_max_chars',
    'message',
  ])
  await send(worf, { handle: 'garek', message: '🖖'.repeat(1_024) })
  const hi = { message: 'Hi' }
  assert.deepEqual(await codeOf(post(worf, hi)), [422, 'user_reciever_handle_blank', 'handle'])
  assert.deepEqual(await codeOf(post(worf, { ...hi, handle: ' ' })), [422, 'user_reciever_handle_blank', 'handle'])
  assert.deepEqual(await codeOf(post(worf, { ...hi, message_group_uuid: ' ' })), [
    422,
    'message_group_uuid_blank',
    'message_group_uuid',
  ])
  assert.deepEqual(await codeOf(post(worf, { ...hi, message_group_uuid: randomUUID(), handle: 'garek' })), [
    400,
    'invalid_input',
    'handle',
  ])
  assert.deepEqual(await codeOf(post(worf, { ...hi, handle: 'worf' })), [400, 'invalid_input', 'handle'])
  assert.deepEqual(await codeOf(post(worf, { ...hi, handle: 'gowron' })), [404, 'not_found', ''])
  assert.deepEqual(await codeOf(post(app.call, { ...hi, handle: 'worf' })), [401, 'unauthenticated', ''])
})

test('a long conversation is read backwards page by page, and new messages do not shift the pages', async () => {
  const crew = await app.actAs('crew_8')
  const { message_group_uuid: group } = await send(crew, { handle: 'crew_9', message: 'm0' })
  // Several messages have the same millisecond, so their uuids decide the order.
  await database.query(
    `INSERT INTO messages (message_group_uuid, user_uuid, message, created_at)
     SELECT m.message_group_uuid, m.user_uuid, 'm' || n, m.created_at + (n / 3) * interval '1 millisecond'
     FROM messages m, generate_series(1, 24) n WHERE m.message_group_uuid = $1`,
    [group],
  )
  const pages: string[][] = []
  let before = ''
  do {
    const { messages, next_cursor } = await threadOf(crew, group, `?limit=10${before}`)
    pages.push(messages.map(({ uuid }) => uuid))
    before = `&before=${next_cursor}`
    if (pages.length === 1)
      await database.query(
        `INSERT INTO messages (message_group_uuid, user_uuid, message, created_at)
       SELECT $1, uuid, 'late', now() + interval '1 minute' FROM users WHERE handle = 'crew_9'`,
        [group],
      )
    if (next_cursor === null) break
  } while (pages.length < 9)
  assert.deepEqual(
    pages.map(({ length }) => length),
    [10, 10, 5],
  )
  const inOrder = await database.query<{ uuid: string }>(
    "SELECT uuid FROM messages WHERE message_group_uuid = $1 AND message <> 'late' ORDER BY created_at, uuid",
    [group],
  )
  assert.deepEqual(
    pages.reverse().flat(),
    inOrder.map(({ uuid }) => uuid),
  )
  assert.deepEqual(await codeOf(crew('GET', `/api/messages/${group}?before=nonsense`)), [
    400,
    'invalid_input',
    'before',
  ])
})

test('conversations are listed by newest message, page by page', async () => {
  const crew = await app.actAs('crew_60')
  for (let n = 10; n < 35; n++) await send(crew, { handle: `crew_${n}`, message: `to ${n}` })
  await send(await app.actAs('crew_12'), { handle: 'crew_60', message: 'back' })
  const handles: string[] = []
  let after = ''
  for (;;) {
    const { message_groups, next_cursor } = await groupsOf(crew, `?limit=10${after}`)
    handles.push(...message_groups.map(({ handle }) => handle))
    if (next_cursor === null) break
    after = `&after=${next_cursor}`
  }
  const expected = Array.from({ length: 25 }, (_, n) => `crew_${34 - n}`).filter((handle) => handle !== 'crew_12')
  assert.deepEqual(handles, ['crew_12', ...expected])
})

test('a message is announced once by ids only, together with the receiver’s notification', async () => {
  notes.length = 0
  const sent = await send(worf, { handle: 'crew_40', message: 'a secret canary' })
  await eventually(() => notes.length === 2)
  const [from, to] = await database.query<{ uuid: string }>(
    "SELECT uuid FROM users WHERE handle IN ('worf', 'crew_40') ORDER BY handle DESC",
  )
  const cause = null
  assert.deepEqual(
    notes.toSorted((a, b) => a.kind.localeCompare(b.kind)),
    [
      { kind: 'message', message_group_uuid: sent.message_group_uuid, by: from?.uuid, to: to?.uuid, cause },
      { kind: 'notifications', user_uuid: to?.uuid, cause },
    ],
  )
  assert.deepEqual(await codeOf(post(worf, { handle: 'gowron', message: 'x' })), [404, 'not_found', ''])
  assert.equal(notes.length, 2)
})
