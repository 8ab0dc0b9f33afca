import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Activity, hoursByTtl, type Ttl, ttls } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import type { Call } from '../testing.ts'
import { listenTo } from '../testing.ts'
import { refusal, startActivities } from './testing.ts'

let room: Awaited<ReturnType<typeof startActivities>>
let live: Awaited<ReturnType<typeof listenTo>>
let worf: Call
let garek: Call

before(async () => {
  room = await startActivities()
  live = await listenTo(room.database)
  worf = await room.app.actAs('worf')
  garek = await room.app.actAs('garek')
})

const create = (call: Call, message: unknown, { ttl = '7-days', key }: { ttl?: unknown; key?: string } = {}) =>
  call('POST', '/api/activities', { json: { message, ttl }, ...(key && { headers: { 'idempotency-key': key } }) })
const reply = (call: Call, uuid: string, message: unknown, key?: string) =>
  call('POST', `/api/activities/${uuid}/reply`, {
    json: { message },
    ...(key && { headers: { 'idempotency-key': key } }),
  })
const created = async (answer: ReturnType<Call>) => {
  const { status, body } = await answer
  assert.equal(status, 200, JSON.stringify(body))
  return z.parse(Activity, body)
}
const countOf = async (message: string) => {
  const [row] = await room.database.query<{ n: number }>(
    'SELECT count(*)::int AS n FROM activities WHERE message = $1',
    [message],
  )
  return row?.n
}
const uuidOf = async (handle: string) => {
  const [row] = await room.database.query<{ uuid: string }>('SELECT uuid FROM users WHERE handle = $1', [handle])
  return row?.uuid
}

test('a crud expires after the chosen time, by the clock of the database', async () => {
  for (const ttl of ttls) {
    const activity = await created(create(worf, `for ${ttl}`, { ttl }))
    const hours = (Date.parse(activity.expires_at) - Date.parse(activity.created_at)) / 3_600_000
    assert.equal(hours, hoursByTtl[ttl as Ttl], ttl)
    assert.deepEqual(
      [activity.handle, activity.display_name, activity.likes_count, activity.liked, activity.replies],
      ['worf', 'Worf', 0, false, []],
    )
    assert.equal((await room.home(room.app.call)).activities[0]?.uuid, activity.uuid)
  }
})

test('an invalid crud gets the error codes of the first version', async () => {
  const ask = (json: object) => refusal(worf('POST', '/api/activities', { json }))
  const blank = { status: 422, code: 'message_blank', fields: ['message'] }
  for (const message of ['', ' ', '\n\t ', '\u00a0', undefined, null])
    assert.deepEqual(await ask({ message, ttl: '1-day' }), blank, JSON.stringify(message))
  const tooLong = { status: 422, code: 'message_exceed_max_chars', fields: ['message'] }
  assert.deepEqual(await ask({ message: 'x'.repeat(281), ttl: '1-day' }), tooLong)
  assert.deepEqual(await ask({ message: '🖖'.repeat(281), ttl: '1-day' }), tooLong)
  const noTtl = { status: 422, code: 'ttl_blank', fields: ['ttl'] }
  for (const ttl of ['', '8-days', undefined, null, 7])
    assert.deepEqual(await ask({ message: 'x', ttl }), noTtl, String(ttl))
  assert.deepEqual((await ask({})).fields, ['message', 'ttl'])
  const invalid = { status: 400, code: 'invalid_input' }
  assert.deepEqual(await ask({ message: 7, ttl: '1-day' }), { ...invalid, fields: ['message'] })
  assert.deepEqual(await ask({ message: 'a\0b', ttl: '1-day' }), { ...invalid, fields: ['message'] })
  assert.deepEqual(await ask({ message: 'x', ttl: '1-day', user_uuid: 'y' }), { ...invalid, fields: ['user_uuid'] })
  assert.deepEqual(await refusal(create(room.app.call, 'anonymous')), {
    status: 401,
    code: 'unauthenticated',
    fields: [],
  })
})

test('an invalid reply gets the error codes of the first version', async () => {
  const uuid = await room.put('reply to me')
  assert.deepEqual(await refusal(reply(worf, uuid, ' ')), { status: 422, code: 'message_blank', fields: ['message'] })
  assert.deepEqual(await refusal(reply(worf, uuid, '🖖'.repeat(1025))), {
    status: 422,
    code: 'message_exceed_max_chars',
    fields: ['message'],
  })
  assert.deepEqual(await refusal(reply(worf, '%20', 'x')), {
    status: 422,
    code: 'activity_uuid_blank',
    fields: ['uuid'],
  })
  assert.equal((await refusal(reply(worf, uuid, '\0'))).status, 400)
  assert.equal((await refusal(reply(worf, 'x', 'x'))).status, 400)
  assert.equal((await refusal(reply(worf, '3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f', 'x'))).status, 404)
  assert.equal((await refusal(reply(room.app.call, uuid, 'x'))).status, 401)
})

test('a text of the maximum length is kept, whatever its characters', async () => {
  for (const character of ['x', 'é', '漢', '🖖', 'İ']) {
    const message = character.repeat(280)
    assert.equal((await created(create(worf, message))).message, message)
    const longer = character.repeat(1024)
    assert.equal((await created(reply(worf, await room.put('a parent'), longer))).message, longer)
  }
})

test('a text comes back as it was written, even if it looks like HTML or SQL', async () => {
  const corpus = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '<svg/onload=alert`1`>',
    "'; DROP TABLE activities; --",
    '$1 $2 %s %n {{7*7}} #{7*7}',
    'javascript:alert(1) data:text/html,<script>alert(1)</script>',
    '&lt;b&gt; &#x3C; \\u003cscript\\u003e',
    '\u200fright to left\u200e 👩\u200d👧 نامه\u200cای',
    '__proto__ constructor toString',
    'a\nb\n\nc',
    '</textarea><iframe srcdoc="<script>alert(1)</script>">',
    '#<script> @<img> #x"onmouseover=alert(1)',
  ]
  for (const message of corpus) {
    const { uuid, ...activity } = await created(create(worf, message))
    assert.equal(activity.message, message)
    const { activity: shown } = await room.show(room.app.call, 'worf', uuid)
    assert.equal(shown.message, message)
    const { headers } = await room.app.call('GET', `/api/activities/@worf/status/${uuid}`)
    assert.match(headers.get('content-type') ?? '', /^application\/json/)
  }
})

test('a hundred requests with one key write one crud and get equal answers', async () => {
  const message = 'once @garek #once'
  const answers = await Promise.all(Array.from({ length: 100 }, () => create(worf, message, { key: 'once' })))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  const [first, ...others] = new Set(answers.map(({ body }) => JSON.stringify(body)))
  assert.deepEqual(others, [])
  const { uuid } = z.parse(Activity, JSON.parse(first as string))
  assert.equal(await countOf(message), 1)
  assert.equal((await room.toldOf(uuid)).length, 1)

  assert.equal((await create(worf, ` ${message} `, { key: 'once', ttl: '1-hour' })).status, 200)
  assert.deepEqual(await refusal(create(worf, 'twice', { key: 'once' })), { status: 409, code: 'conflict', fields: [] })
  const another = await created(create(garek, message, { key: 'once' }))
  assert.notEqual(another.uuid, uuid, 'another author may use the same key')
  assert.equal((await create(worf, 'lone \ud800', { key: 'lone' })).status, 200)
  assert.equal((await create(worf, 'lone \ud800', { key: 'lone' })).status, 200)
})

test('a hundred replies with one key are one reply, counted once', async () => {
  const [parent, other] = [await room.put('one reply'), await room.put('another')]
  const answers = await Promise.all(Array.from({ length: 100 }, () => reply(garek, parent, 'once', 'reply')))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
  assert.equal((await room.rowOf(parent))?.replies_count, 1)
  assert.equal((await refusal(reply(garek, other, 'once', 'reply'))).status, 409, 'the first reply has another parent')
  assert.equal((await refusal(create(garek, 'once', { key: 'reply' }))).status, 409)
  assert.equal((await room.rowOf(other))?.replies_count, 0)
})

test('an invalid key is refused', async () => {
  for (const key of ['x'.repeat(65), 'ü', 'a b']) {
    assert.deepEqual((await refusal(create(worf, 'x', { key }))).fields, ['Idempotency-Key'], key)
  }
})

test('replies written and deleted at once are counted correctly', async () => {
  const parent = await room.put('everybody at once')
  const crew = await Promise.all((await room.crew('chorus', 20)).map((handle) => room.app.actAs(handle)))
  const replies = await Promise.all(crew.flatMap((person) => [1, 2, 3].map(() => created(reply(person, parent, 'me')))))
  assert.equal((await room.rowOf(parent))?.replies_count, 60)

  const removed = await Promise.all(
    replies.slice(0, 30).flatMap(({ uuid }, n) => {
      const author = crew[Math.floor(n / 3)] as Call
      return [author('DELETE', `/api/activities/${uuid}`), author('DELETE', `/api/activities/${uuid}`)]
    }),
  )
  assert.equal(removed.filter(({ status }) => status === 200).length, 30)
  assert.equal(removed.filter(({ status }) => status === 404).length, 30)
  assert.equal((await room.rowOf(parent))?.replies_count, 30)
})

test('a reply expires with its parent', async () => {
  const parent = await created(create(worf, 'a parent for three hours', { ttl: '3-hours' }))
  const child = await created(reply(garek, parent.uuid, 'a child'))
  const grandchild = await created(reply(worf, child.uuid, 'a grandchild'))
  assert.deepEqual([child.expires_at, grandchild.expires_at], [parent.expires_at, parent.expires_at])
  assert.equal(child.reply_to_activity_uuid, parent.uuid)
})

test('only the author can delete an activity, with everything that refers to it', async () => {
  const parent = await created(create(worf, 'mine #mine @garek'))
  const child = await created(reply(garek, parent.uuid, 'on yours'))
  const grandchild = await created(reply(worf, child.uuid, 'on this'))
  await garek('POST', `/api/activities/${parent.uuid}/like`)
  await garek('POST', `/api/activities/${parent.uuid}/repost`)

  const path = `/api/activities/${parent.uuid}`
  assert.deepEqual(await refusal(garek('DELETE', path)), { status: 404, code: 'not_found', fields: [] })
  assert.deepEqual(await refusal(room.app.call('DELETE', path)), { status: 401, code: 'unauthenticated', fields: [] })
  assert.equal((await refusal(worf('DELETE', '/api/activities/%20'))).code, 'activity_uuid_blank')
  assert.equal((await room.rowOf(parent.uuid))?.replies_count, 1)

  await live.take()
  const answer = await worf('DELETE', path)
  assert.deepEqual([answer.status, answer.body], [200, { uuid: parent.uuid }])
  const [gone, ...told] = await live.take()
  assert.deepEqual(gone, { kind: 'gone', uuid: parent.uuid, cause: null })
  const users = told.map((note) => (note.kind === 'notifications' ? note.user_uuid : note.kind))
  assert.deepEqual(users.sort(), [await uuidOf('garek'), await uuidOf('worf')].sort())
  for (const uuid of [parent.uuid, child.uuid, grandchild.uuid]) assert.equal(await room.rowOf(uuid), undefined)
  for (const table of ['likes', 'reposts', 'hashtags', 'notifications']) {
    const left = await room.database.query(`SELECT FROM ${table} WHERE activity_uuid = $1`, [parent.uuid])
    assert.equal(left.length, 0, table)
  }
  assert.equal((await worf('DELETE', path)).status, 404)
})

test('a deletion and replies at once do not deadlock', async () => {
  for (let round = 0; round < 5; round++) {
    const parent = await room.put('contested')
    const child = await created(reply(garek, parent, 'mine'))
    const asked = [
      ...Array.from({ length: 4 }, () => reply(worf, child.uuid, 'deeper')),
      garek('DELETE', `/api/activities/${child.uuid}`),
      worf('DELETE', `/api/activities/${parent}`),
      ...Array.from({ length: 4 }, () => reply(garek, parent, 'more')),
    ]
    for (const { status } of await Promise.all(asked)) assert.ok(status === 200 || status === 404, String(status))
    assert.equal(await room.rowOf(child.uuid), undefined)
  }
})

test('mentioned people and the author of the parent are notified once each, and never the writer', async () => {
  const parent = await created(create(worf, 'hello @garek @GAREK @worf @nobody_at_all mail@andrewbrown.example'))
  assert.deepEqual(await room.toldOf(parent.uuid), [{ kind: 'mention', user: 'garek', actor: 'worf' }])
  const child = await created(reply(garek, parent.uuid, '@worf @andrewbrown hello'))
  assert.deepEqual(await room.toldOf(child.uuid), [
    { kind: 'mention', user: 'andrewbrown', actor: 'garek' },
    { kind: 'reply', user: 'worf', actor: 'garek' },
  ])
  assert.deepEqual(await room.toldOf((await created(reply(worf, parent.uuid, 'to myself, @worf'))).uuid), [])
  const [told] = await room.database.query<{ expires_at: Date }>(
    'SELECT expires_at FROM notifications WHERE activity_uuid = $1',
    [parent.uuid],
  )
  assert.equal(told?.expires_at.toISOString(), parent.expires_at)
})

test('a new activity is announced to listeners and to the notified people', async () => {
  const [author, other] = [await uuidOf('worf'), await uuidOf('garek')]
  await live.take()
  const parent = await created(create(worf, 'news for @garek'))
  const note = { kind: 'activity', user_uuid: author, handle: 'worf', cause: null }
  assert.deepEqual(await live.take(), [
    { ...note, uuid: parent.uuid, reply_to_activity_uuid: null },
    { kind: 'notifications', user_uuid: other, cause: null },
  ])
  const child = await created(reply(garek, parent.uuid, 'good'))
  assert.deepEqual(await live.take(), [
    { ...note, user_uuid: other, handle: 'garek', uuid: child.uuid, reply_to_activity_uuid: parent.uuid },
    { kind: 'notifications', user_uuid: author, cause: null },
    countsOf(parent.uuid, 1, other),
  ])
  await garek('DELETE', `/api/activities/${child.uuid}`)
  assert.deepEqual(await live.take(), [
    { kind: 'gone', uuid: child.uuid, cause: null },
    countsOf(parent.uuid, 0, other),
    { kind: 'notifications', user_uuid: author, cause: null },
  ])
})

const countsOf = (uuid: string, replies_count: number, by: string | undefined) => ({
  kind: 'counts',
  uuid,
  likes_count: 0,
  replies_count,
  reposts_count: 0,
  by,
  liked: null,
  reposted: null,
  cause: null,
})
