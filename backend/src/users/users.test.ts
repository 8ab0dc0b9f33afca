import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { ErrorBody } from '@cruddur/shared/errors'
import { Follow, People, Profile, UserShort } from '@cruddur/shared/users'
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

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
  notes = (await listenTo(database)).notes
})

const people = async (prefix: string, count: number): Promise<Call[]> => {
  await database.query(
    'INSERT INTO users (handle, display_name, demo) SELECT $1 || n, $1 || n, true FROM generate_series(1, $2::int) AS n',
    [prefix, count],
  )
  return Promise.all(Array.from({ length: count }, (_, n) => app.actAs(`${prefix}${n + 1}`)))
}
const write = (handle: string, age = '0') =>
  database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, 'hello', now() - $2::interval, now() + interval '1 hour' FROM users WHERE handle = $1`,
    [handle, age],
  )
const countsOf = async (handle: string) => {
  const [row] = await database.query('SELECT followers_count, following_count FROM users WHERE handle = $1', [handle])
  return row as { followers_count: number; following_count: number } | undefined
}
const notificationsOf = (handle: string) =>
  database.query<{ kind: string; actor: string }>(
    `SELECT n.kind, a.handle AS actor FROM notifications n
     JOIN users u ON u.uuid = n.user_uuid JOIN users a ON a.uuid = n.actor_uuid
     WHERE u.handle = $1 ORDER BY a.handle`,
    [handle],
  )
const uuidOf = async (handle: string) => {
  const [row] = await database.query<{ uuid: string }>('SELECT uuid FROM users WHERE handle = $1', [handle])
  return row?.uuid
}

test('a person is found by handle, with or without @ and capitals', async () => {
  for (const handle of ['worf', 'WORF', '@Worf']) {
    const { status, body } = await app.call('GET', `/api/users/@${handle}/short`)
    assert.equal(status, 200, handle)
    const user = z.parse(UserShort, body)
    assert.equal(user.display_name, 'Worf')
    assert.deepEqual(Object.keys(user).sort(), ['display_name', 'handle', 'uuid'])
  }
  assert.equal((await app.call('GET', '/api/users/@nobody/short')).status, 404)
  assert.equal((await app.call('GET', '/api/users/@no-handle/short')).status, 400)
})

test('a user changes their name and bio, and the change is announced', async () => {
  const [mogh] = (await people('mogh', 1)) as [Call]
  await write('mogh1')
  const { status, body } = await mogh('POST', '/api/profile/update', {
    json: { display_name: '  Mogh\u0301  ', bio: ' Of the house of Mogh. ' },
  })
  assert.equal(status, 200)
  const profile = z.parse(Profile, body)
  assert.equal(profile.display_name, 'Mogh\u0301'.normalize('NFC'))
  assert.equal(profile.bio, 'Of the house of Mogh.')
  assert.deepEqual([profile.cruds_count, profile.followers_count, profile.following_count], [1, 0, 0])
  assert.deepEqual([profile.followed, profile.follows_you], [false, false])
  await eventually(() => notes.some((note) => note.kind === 'profile' && note.handle === 'mogh1'))
  const { body: seen } = await app.call('GET', '/api/users/@mogh1/short')
  assert.equal(z.parse(UserShort, seen).display_name, profile.display_name)
})

test('a profile without a name, with a long text or with other fields is refused', async () => {
  const worf = await app.actAs('worf')
  const update = async (json: object) => {
    const { status, body } = await worf('POST', '/api/profile/update', { json })
    const { code, fields = {} } = body as ErrorBody
    return [status, code, ...Object.keys(fields)]
  }
  assert.deepEqual(await update({ display_name: ' ' }), [422, 'display_name_blank', 'display_name'])
  assert.deepEqual(await update({ display_name: 'x'.repeat(61) }), [400, 'invalid_input', 'display_name'])
  assert.deepEqual(await update({ display_name: 'x', bio: 'x'.repeat(161) }), [400, 'invalid_input', 'bio'])
  for (const field of ['handle', 'demo', 'uuid', 'password_hash', 'followers_count', 'email']) {
    assert.deepEqual(await update({ display_name: 'x', [field]: 'x' }), [400, 'invalid_input', field])
  }
  assert.equal((await app.call('POST', '/api/profile/update', { json: { display_name: 'x' } })).status, 401)
  const { body } = await app.call('GET', '/api/users/@worf/short')
  assert.equal(z.parse(UserShort, body).display_name, 'Worf')
})

test('a follow counts once on both sides, notifies the person, and unfollowing undoes all of it', async () => {
  const [alice] = (await people('alice', 1)) as [Call]
  await people('bob', 1)
  const path = '/api/users/@bob1/follow'
  for (const _ of ['once', 'twice']) {
    assert.deepEqual(z.parse(Follow, (await alice('POST', path)).body), {
      handle: 'bob1',
      followed: true,
      followers_count: 1,
    })
  }
  assert.deepEqual(await countsOf('bob1'), { followers_count: 1, following_count: 0 })
  assert.deepEqual(await countsOf('alice1'), { followers_count: 0, following_count: 1 })
  assert.deepEqual(await notificationsOf('bob1'), [{ kind: 'follow', actor: 'alice1' }])
  const bob = await uuidOf('bob1')
  const told = () => notes.filter((note) => note.kind === 'notifications' && note.user_uuid === bob).length
  const counts = await eventually(() => notes.find((note) => note.kind === 'followers' && note.handle === 'bob1'))
  assert.deepEqual(counts, {
    ...{ kind: 'followers', handle: 'bob1', followers_count: 1, followed: true },
    ...{ by: await uuidOf('alice1'), cause: null },
  })
  assert.equal(told(), 1, 'a follow that changed nothing is not announced')

  for (const _ of ['once', 'twice']) {
    assert.deepEqual(z.parse(Follow, (await alice('DELETE', path)).body), {
      handle: 'bob1',
      followed: false,
      followers_count: 0,
    })
  }
  assert.deepEqual(await countsOf('bob1'), { followers_count: 0, following_count: 0 })
  assert.deepEqual(await countsOf('alice1'), { followers_count: 0, following_count: 0 })
  assert.deepEqual(await notificationsOf('bob1'), [])
  await eventually(() => told() === 2)
})

test('a follow of oneself, of an unknown person or without a session is refused', async () => {
  const worf = await app.actAs('worf')
  const { status, body } = await worf('POST', '/api/users/@worf/follow')
  assert.equal(status, 400)
  assert.deepEqual(Object.keys((body as ErrorBody).fields ?? {}), ['handle'])
  assert.equal((await worf('POST', '/api/users/@nobody/follow')).status, 404)
  assert.equal((await worf('DELETE', '/api/users/@nobody/follow')).status, 404)
  assert.equal((await app.call('POST', '/api/users/@worf/follow')).status, 401)
})

test('a hundred people who follow someone twice at once are a hundred followers', async () => {
  const crowd = await people('fan', 100)
  await people('star', 1)
  const all = (method: string) =>
    Promise.all([...crowd, ...crowd].map((person) => person(method, '/api/users/@star1/follow')))
  const followed = await all('POST')
  assert.deepEqual(new Set(followed.map(({ status }) => status)), new Set([200]))
  assert.deepEqual(await countsOf('star1'), { followers_count: 100, following_count: 0 })
  assert.equal((await notificationsOf('star1')).length, 100)
  const [rows] = await database.query(
    "SELECT count(*)::int AS n FROM follows f JOIN users u ON u.uuid = f.followed_uuid WHERE u.handle = 'star1'",
  )
  assert.deepEqual(rows, { n: 100 })

  assert.deepEqual(new Set((await all('DELETE')).map(({ status }) => status)), new Set([200]))
  assert.deepEqual(await countsOf('star1'), { followers_count: 0, following_count: 0 })
  assert.deepEqual(await notificationsOf('star1'), [])
})

test('people who follow each other at once do not deadlock', async () => {
  const count = 12
  const all = await people('peer', count)
  const each = (method: string) =>
    Promise.all(
      all.flatMap((person, n) =>
        all.flatMap((_, m) => (n === m ? [] : [person(method, `/api/users/@peer${m + 1}/follow`)])),
      ),
    )
  assert.deepEqual(new Set((await each('POST')).map(({ status }) => status)), new Set([200]))
  for (let n = 1; n <= count; n++) {
    assert.deepEqual(await countsOf(`peer${n}`), { followers_count: count - 1, following_count: count - 1 })
  }
  assert.deepEqual(new Set((await each('DELETE')).map(({ status }) => status)), new Set([200]))
  for (let n = 1; n <= count; n++) {
    assert.deepEqual(await countsOf(`peer${n}`), { followers_count: 0, following_count: 0 })
  }
})

test('after follows and unfollows at once, the counts equal the rows', async () => {
  const [tab] = (await people('tabs', 1)) as [Call]
  await people('seen', 1)
  await Promise.all(
    Array.from({ length: 60 }, (_, n) => tab(n % 2 === 0 ? 'POST' : 'DELETE', '/api/users/@seen1/follow')),
  )
  const [rows] = await database.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM follows f JOIN users u ON u.uuid = f.followed_uuid WHERE u.handle = 'seen1'",
  )
  assert.equal((await countsOf('seen1'))?.followers_count, rows?.n)
  assert.equal((await countsOf('tabs1'))?.following_count, rows?.n)
  assert.equal((await notificationsOf('seen1')).length, rows?.n)
})

test('suggestions are recent authors, friends of friends first, without yourself and people you follow', async () => {
  await database.query(
    "UPDATE activities SET expires_at = now() - interval '1 hour', created_at = now() - interval '2 hours'",
  )
  const [me, friend] = (await people('sug', 7)) as [Call, Call]
  for (const n of [1, 2, 3, 4, 5, 6]) await write(`sug${n}`, `${n} minutes`)
  await me('POST', '/api/users/@sug2/follow')
  await friend('POST', '/api/users/@sug5/follow')
  await friend('POST', '/api/users/@sug1/follow')
  const suggestedTo = async (call: Call) => {
    const { status, body } = await call('GET', '/api/users/suggested')
    assert.equal(status, 200)
    return z.parse(People, body).people.map(({ handle }) => handle)
  }
  assert.deepEqual(await suggestedTo(me), ['sug5', 'sug3', 'sug4', 'sug6'])
  assert.deepEqual(await suggestedTo(app.call), ['sug1', 'sug2', 'sug3', 'sug4', 'sug5'])
})
