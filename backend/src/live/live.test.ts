import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { livePath } from '@cruddur/shared/live'
import {
  createDatabase,
  eventually,
  startApp,
  startDatabaseProxy,
  type TestApp,
  type TestDatabase,
} from '../testing.ts'
import { cookieOf, openStream } from './testing.ts'

let database: TestDatabase
let here: TestApp
let there: TestApp
const people: Record<string, string> = {}

before(async () => {
  database = await createDatabase()
  here = await startApp({ databaseUrl: database.url })
  there = await startApp({ databaseUrl: database.url })
  for (const { handle, uuid } of await database.query<{ handle: string; uuid: string }>(
    'SELECT handle, uuid FROM users',
  ))
    people[handle] = uuid
})

type Stream = Awaited<ReturnType<typeof openStream>>
const open: Stream[] = []
after(() => Promise.all(open.map(({ leave }) => leave())))

const listenAs = async (handle: string | null, app = here) => {
  const headers = handle === null ? {} : { cookie: await cookieOf(app.url, handle) }
  const stream = await openStream(app.url, headers)
  assert.equal(stream.status, 200)
  open.push(stream)
  return stream
}
const say = (note: object | string) =>
  database.query("SELECT pg_notify('live', $1)", [typeof note === 'string' ? note : JSON.stringify(note)])
const uuid = '0198c0de-0000-4000-8000-000000000001'
/** Resolves when the streams have every event announced so far. */
const lastWord = async (...streams: Stream[]) => {
  const handle = `end_${Math.random().toString(36).slice(2, 10)}`
  await say({ kind: 'profile', handle })
  for (const { events } of streams) {
    await eventually(() => events.some((event) => event.kind === 'profile' && event.handle === handle))
  }
}

test('a stream starts at once, has a retry time, and is neither cached nor buffered', async () => {
  const stream = await listenAs(null)
  assert.equal(stream.headers.get('content-type'), 'text/event-stream')
  assert.equal(stream.headers.get('cache-control'), 'no-store, no-transform')
  assert.equal(stream.headers.get('x-accel-buffering'), 'no')
  await eventually(() => /^retry: \d{4}\n\n/.test(stream.raw()))
  const head = await fetch(here.url + livePath, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('content-type'), 'text/event-stream')
})

test('a change at one backend reaches the pages of another', async () => {
  const worf = await listenAs('worf', there)
  const andrew = await here.actAs('andrewbrown')
  const { status } = await andrew('POST', '/api/messages', { json: { handle: 'worf', message: 'Qapla’' } })
  assert.equal(status, 200)
  const heard = await worf.heard('message')
  assert.equal(heard.kind === 'message' && heard.mine, false)
  await worf.heard('notifications')
  assert.deepEqual(worf.kinds(), ['message', 'notifications'], 'each change by itself, without a resync')
})

test('everyone hears of a crud, and each listener hears whether they or someone they follow wrote it', async () => {
  await database.query('INSERT INTO follows (follower_uuid, followed_uuid) VALUES ($1, $2)', [
    people.worf,
    people.garek,
  ])
  const streams = {
    garek: await listenAs('garek'),
    worf: await listenAs('worf', there),
    andrew: await listenAs('andrewbrown'),
    visitor: await listenAs(null),
  }
  const note = { kind: 'activity', uuid, user_uuid: people.garek, handle: 'garek' }
  await say({ ...note, reply_to_activity_uuid: null })
  for (const [who, mine, following] of [
    ['garek', true, true],
    ['worf', false, true],
    ['andrew', false, false],
    ['visitor', false, false],
  ] as const) {
    const event = { kind: 'activity', uuid, handle: 'garek', reply_to_activity_uuid: null, following, mine }
    assert.deepEqual(await streams[who].heard('activity'), event, who)
  }
  await say({ ...note, reply_to_activity_uuid: uuid })
  await lastWord(streams.worf)
  const reply = streams.worf.events.findLast(({ kind }) => kind === 'activity')
  assert.equal(reply?.kind === 'activity' && reply.following, false, 'a reply is in no feed')
})

test('everyone hears the counts, and only the user hears of their own like', async () => {
  const [worf, garek, visitor] = [await listenAs('worf'), await listenAs('garek', there), await listenAs(null)]
  const counts = { uuid, likes_count: 3, replies_count: 2, reposts_count: 1 }
  await say({ kind: 'counts', ...counts, by: people.worf, liked: true, reposted: null })
  const seen = { kind: 'counts', ...counts, liked: null, reposted: null }
  assert.deepEqual(await worf.heard('counts'), { ...seen, liked: true })
  assert.deepEqual(await garek.heard('counts'), seen)
  assert.deepEqual(await visitor.heard('counts'), seen)
  await say({ kind: 'gone', uuid })
  for (const stream of [worf, garek, visitor]) assert.deepEqual(await stream.heard('gone'), { kind: 'gone', uuid })
})

test('only the people concerned hear of messages and notifications', async () => {
  const [worf, worfToo, andrew] = [await listenAs('worf'), await listenAs('worf', there), await listenAs('andrewbrown')]
  const [garek, visitor] = [await listenAs('garek'), await listenAs(null)]
  const group = { message_group_uuid: uuid }
  await say({ kind: 'message', ...group, by: people.andrewbrown, to: people.worf })
  await say({ kind: 'notifications', user_uuid: people.worf })
  await say({ kind: 'message-read', ...group, user_uuid: people.worf })
  await lastWord(worf, worfToo, andrew, garek, visitor)
  assert.deepEqual(worf.events.slice(0, 3), [
    { kind: 'message', ...group, mine: false },
    { kind: 'notifications' },
    { kind: 'message-read', ...group },
  ])
  assert.deepEqual(worfToo.events, worf.events)
  assert.deepEqual(andrew.events[0], { kind: 'message', ...group, mine: true })
  for (const stream of [andrew.events.slice(1), garek.events, visitor.events]) {
    assert.deepEqual(
      stream.map(({ kind }) => kind),
      ['profile'],
    )
  }
})

test('events arrive in the order of their changes', async () => {
  const stream = await listenAs(null, there)
  const counts = { kind: 'counts', uuid, replies_count: 0, reposts_count: 0, by: null, liked: null, reposted: null }
  for (let likes_count = 0; likes_count < 50; likes_count++) {
    await say({ ...counts, likes_count })
    await say({ kind: 'activity', uuid, user_uuid: people.garek, handle: 'garek', reply_to_activity_uuid: null })
  }
  await lastWord(stream)
  assert.deepEqual(
    stream.events.flatMap((event) => (event.kind === 'counts' ? [event.likes_count] : [])),
    Array.from({ length: 50 }, (_, n) => n),
  )
})

test('a burst reaches every listener, complete or as a resync', async () => {
  const stream = await listenAs(null)
  const flood = (notes: number) =>
    database.query(
      `SELECT pg_notify('live', json_build_object('kind', 'profile', 'handle', repeat('x', 25) || n)::text)
       FROM generate_series(1, $1::int) n`,
      [notes],
    )
  await flood(900)
  await lastWord(stream)
  assert.equal(stream.events.filter((event) => event.kind === 'profile' && event.handle.startsWith('x')).length, 900)
  await flood(5_000)
  await stream.heard('resync')
  await lastWord(stream)
})

test('a malformed note is dropped, and the following note arrives', async () => {
  const stream = await listenAs(null)
  for (const note of ['', '{', 'null', '{"kind":"nothing"}', '{"kind":"gone","uuid":"1"}', '{"kind":"message"}']) {
    await say(note)
  }
  await lastWord(stream)
  assert.deepEqual(stream.kinds(), ['profile'])
})

test('after a lost LISTEN connection every page gets a resync', async () => {
  const streams = [await listenAs('worf'), await listenAs(null), await listenAs('garek', there)]
  const killed = await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'cruddur-live' AND datname = current_database()`,
  )
  assert.equal(killed.length, 2)
  for (const stream of streams) await stream.heard('resync')
  await lastWord(...streams)
  for (const stream of streams) assert.deepEqual(stream.kinds(), ['resync', 'profile'])
})

test('a session that ended during a lost connection is noticed afterwards', async () => {
  const cookie = await cookieOf(here.url, 'worf')
  const stream = await openStream(here.url, { cookie })
  await database.query('DELETE FROM sessions WHERE user_uuid = $1', [people.worf])
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'cruddur-live' AND datname = current_database()`,
  )
  assert.equal(await stream.ended, 'ended')
  assert.deepEqual(stream.kinds(), ['resync', 'signed-out'])
})

test('a flood of notes makes one resync a second', async () => {
  const stream = await listenAs('worf')
  const startedAt = performance.now()
  const note = "json_build_object('kind', 'gone', 'uuid', gen_random_uuid())::text"
  await database.query(`SELECT pg_notify('live', ${note}) FROM generate_series(1, 20000)`)
  await stream.heard('resync')
  await lastWord(stream)
  const resyncs = stream.kinds().filter((kind) => kind === 'resync').length
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000)
  assert.ok(resyncs <= 2 + seconds, `${resyncs} resyncs in ${seconds} seconds`)
})

test('a sign-out ends the streams of that session only', async () => {
  const cookie = await cookieOf(here.url, 'worf')
  const [first, second] = [await openStream(here.url, { cookie }), await listenAs('worf')]
  const answer = await fetch(`${there.url}/api/session`, { method: 'DELETE', headers: { cookie } })
  assert.equal(answer.status, 200)
  assert.equal(await first.ended, 'ended')
  assert.deepEqual(first.kinds(), ['signed-out'])
  await lastWord(second)
  assert.deepEqual(second.kinds(), ['profile'])
  const again = await openStream(here.url, { cookie })
  assert.equal(again.status, 200)
  open.push(again)
})

test('an unknown session hears public events', async () => {
  const stream = await openStream(here.url, { cookie: 'cruddur_session=nonsense' })
  open.push(stream)
  assert.equal(stream.status, 200)
  await say({ kind: 'notifications', user_uuid: people.worf })
  await lastWord(stream)
  assert.deepEqual(stream.kinds(), ['profile'])
})

test('another site cannot open a stream, and the page’s own origin can', async () => {
  const statusFrom = async (headers: Record<string, string>) => {
    const stream = await openStream(here.url, headers)
    await stream.leave()
    return stream
  }
  for (const headers of [
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site', origin: 'http://localhost:9999' },
  ]) {
    assert.equal((await statusFrom(headers)).status, 403)
  }
  const page = await statusFrom({ origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' })
  assert.equal(page.status, 200)
  assert.equal(page.headers.get('access-control-allow-origin'), 'http://localhost:3000')
  assert.equal(page.headers.get('access-control-allow-credentials'), 'true')
})

const startWithRoomFor = async (liveLimits: { streams: number; ofSession: number; ofAddress: number }) => {
  const app = await startApp({ databaseUrl: database.url, liveLimits })
  const from = async (address: string, headers = {}) => {
    const stream = await openStream(app.url, { 'x-forwarded-for': address, ...headers })
    open.push(stream)
    return stream
  }
  return { from, cookie: await cookieOf(app.url, 'worf') }
}
const isRefused = async (stream: Stream, status: number) => {
  assert.equal(stream.status, status)
  assert.equal(stream.headers.get('retry-after'), '30')
  assert.equal(await stream.ended, 'ended')
}
/** The stream ended, with a random retry time of at least half a minute. */
const wasDropped = async (stream: Stream | undefined) => {
  assert.equal(await stream?.ended, 'ended')
  assert.match(stream?.raw() ?? '', /\nretry: [3-9]\d{4}\n\n$/)
}

test('a session and an address have a limited number of streams', async () => {
  const { from, cookie } = await startWithRoomFor({ streams: 100, ofSession: 2, ofAddress: 3 })
  const mine = [await from('10.0.0.1', { cookie }), await from('10.0.0.2', { cookie })]
  await isRefused(await from('10.0.0.3', { cookie }), 429)
  await from('10.0.0.1')
  await from('10.0.0.1')
  await isRefused(await from('10.0.0.1'), 429)
  await mine[0]?.leave()
  await eventually(async () => (await from('10.0.0.1')).status === 200)
})

test('an address that holds all anonymous streams loses its oldest ones to newcomers', async () => {
  const { from } = await startWithRoomFor({ streams: 6, ofSession: 2, ofAddress: 6 })
  const greedy = []
  for (let n = 0; n < 6; n++) greedy.push(await from('10.0.0.1'))
  const newcomers = [await from('10.0.0.2'), await from('10.0.0.3'), await from('10.0.0.4')]
  for (const { status } of newcomers) assert.equal(status, 200)
  for (const stream of greedy.slice(0, 3)) await wasDropped(stream)
  await isRefused(await from('10.0.0.1'), 503)
  await lastWord(...newcomers, ...greedy.slice(3))
})

test('when all shares are equal, anonymous newcomers wait and signed-in ones get in', async () => {
  const { from, cookie } = await startWithRoomFor({ streams: 3, ofSession: 3, ofAddress: 2 })
  const anonymous = [await from('10.0.0.1'), await from('10.0.0.2'), await from('10.0.0.3')]
  await isRefused(await from('10.0.0.4'), 503)
  assert.equal((await from('10.0.0.4', { cookie })).status, 200)
  await wasDropped(anonymous[0])
  await from('10.0.0.4', { cookie })
  await from('10.0.0.5', { cookie })
  for (const stream of anonymous) await wasDropped(stream)
  await isRefused(await from('10.0.0.6'), 503)
})

test('a signed-in user gets in from an address that strangers have filled', async () => {
  const { from, cookie } = await startWithRoomFor({ streams: 100, ofSession: 2, ofAddress: 2 })
  const strangers = [await from('10.0.0.1'), await from('10.0.0.1')]
  assert.equal((await from('10.0.0.1', { cookie })).status, 200)
  await wasDropped(strangers[0])
})

test('without the database new streams are refused, and open ones get a resync when it is back', async () => {
  const proxy = await startDatabaseProxy(database.url)
  const app = await startApp({ databaseUrl: proxy.url })
  const stream = await openStream(app.url)
  proxy.shut()
  const refused = await eventually(async () => {
    const other = await openStream(app.url)
    if (other.status !== 200) return other
    await other.leave()
    return null
  })
  assert.equal(refused.status, 503)
  assert.equal(refused.headers.get('retry-after'), '1')
  proxy.open()
  await stream.heard('resync')
  await stream.leave()
})

test('before the database is ready streams are refused', async () => {
  const proxy = await startDatabaseProxy(database.url)
  proxy.shut()
  const app = await startApp({ databaseUrl: proxy.url, waitUntilReady: false })
  const stream = await openStream(app.url)
  assert.equal(stream.status, 503)
  proxy.open()
})
