import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { type Notification, Notifications, Unread } from '@cruddur/shared/notifications'
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
  await database.query(
    "INSERT INTO users (handle, display_name, demo) SELECT 'crew_' || n, 'Crew', true FROM generate_series(1, 30) n",
  )
})

const listOf = async (call: Call, query = '') => {
  const { status, body } = await call('GET', `/api/activities/notifications${query}`)
  assert.equal(status, 200)
  return z.parse(Notifications, body)
}
const unreadOf = async (call: Call) => z.parse(Unread, (await call('GET', '/api/unread')).body)
const read = async (call: Call, { created_at: until }: Pick<Notification, 'created_at'>) => {
  const { status, body } = await call('POST', '/api/notifications/read', { json: { until } })
  assert.equal(status, 200)
  return z.parse(Unread, body)
}
/** Inserts a notification, as the statements of activities and users do. */
const tell = async (user: string, actor: string, kind: string, activity: string | null = null, age = '0') => {
  await database.query(
    `INSERT INTO notifications (user_uuid, actor_uuid, kind, activity_uuid, created_at, expires_at)
     SELECT u.uuid, a.uuid, $3, $4, now() - $5::interval,
       coalesce((SELECT expires_at FROM activities WHERE uuid = $4), 'infinity')
     FROM users u, users a WHERE u.handle = $1 AND a.handle = $2`,
    [user, actor, kind, activity, age],
  )
}
const crudOf = async (handle: string, left = '1 hour') => {
  const [row] = await database.query<{ uuid: string }>(
    `INSERT INTO activities (user_uuid, message, expires_at)
     SELECT uuid, 'Something', now() + $2::interval FROM users WHERE handle = $1 RETURNING uuid`,
    [handle, left],
  )
  return row?.uuid as string
}

test('a notification has the actor, the kind and the whole activity', async () => {
  const uuid = await crudOf('crew_1')
  await database.query("INSERT INTO likes SELECT uuid, $1 FROM users WHERE handle = 'crew_1'", [uuid])
  await tell('crew_1', 'worf', 'repost', uuid, '2 seconds')
  await tell('crew_1', 'garek', 'follow', null, '1 second')
  const crew = await app.actAs('crew_1')
  const { notifications, next_cursor, unread } = await listOf(crew)
  assert.deepEqual(
    notifications.map(({ kind, actor }) => [kind, actor.handle, actor.display_name]),
    [
      ['follow', 'garek', 'Garek'],
      ['repost', 'worf', 'Worf'],
    ],
  )
  assert.equal(next_cursor, null)
  assert.deepEqual(unread, { notifications: 2, messages: 0 })
  assert.equal(notifications[0]?.activity, null)
  const shown = notifications[1]?.activity
  assert.deepEqual(
    [shown?.uuid, shown?.handle, shown?.message, shown?.liked, shown?.reposted],
    [uuid, 'crew_1', 'Something', true, false],
  )
  assert.match(shown?.expires_at ?? '', /Z$/)
})

test('a user sees only their own notifications, and only when signed in', async () => {
  await tell('crew_2', 'worf', 'follow')
  const garek = await app.actAs('garek')
  assert.equal(
    (await listOf(garek)).notifications.some(({ actor }) => actor.handle === 'worf'),
    false,
  )
  const until = '9999-12-31T23:59:59.999Z'
  await read(garek, { created_at: until })
  assert.equal((await unreadOf(await app.actAs('crew_2'))).notifications, 1, 'another user’s reading changes nothing')
  for (const [method, path, json] of [
    ['GET', '/api/activities/notifications', undefined],
    ['GET', '/api/unread', undefined],
    ['POST', '/api/notifications/read', { until }],
  ] as const) {
    assert.equal((await app.call(method, path, json ? { json } : {})).status, 401, path)
  }
})

test('notifications up to the shown moment are marked as read, to the millisecond', async () => {
  for (const [actor, age] of [
    ['worf', '3 seconds'],
    ['garek', '2 seconds'],
    ['andrewbrown', '1.999 seconds'],
  ] as const)
    await tell('crew_3', actor, 'follow', null, age)
  const crew = await app.actAs('crew_3')
  const { notifications } = await listOf(crew)
  notes.length = 0
  const shown = notifications[1] as Notification
  assert.deepEqual(await read(crew, shown), { notifications: 1, messages: 0 })
  assert.deepEqual(
    (await listOf(crew)).notifications.map((one) => [one.actor.handle, one.read]),
    [
      ['andrewbrown', false],
      ['garek', true],
      ['worf', true],
    ],
  )
  const [row] = await database.query<{ uuid: string }>("SELECT uuid FROM users WHERE handle = 'crew_3'")
  await eventually(() => notes.length > 0)
  assert.deepEqual(notes, [{ kind: 'notifications', user_uuid: row?.uuid, cause: null }], 'one note for all tabs')

  await read(crew, shown)
  await read(crew, notifications[0] as Notification)
  await eventually(() => notes.length === 2)
  assert.equal(notes.length, 2, 'a repeated reading changes nothing and is not announced')
})

test('a notification expires with its activity, by the clock of the database', async () => {
  const uuid = await crudOf('crew_4')
  await tell('crew_4', 'worf', 'like', uuid)
  await tell('crew_4', 'garek', 'follow')
  const crew = await app.actAs('crew_4')
  assert.equal((await unreadOf(crew)).notifications, 2)
  for (const [table, key] of [
    ['activities', 'uuid'],
    ['notifications', 'activity_uuid'],
  ])
    await database.query(`UPDATE ${table} SET expires_at = now() + interval '100 milliseconds' WHERE ${key} = $1`, [
      uuid,
    ])
  await database.query(
    'SELECT pg_sleep(extract(epoch FROM expires_at - clock_timestamp())) FROM notifications WHERE activity_uuid = $1',
    [uuid],
  )
  assert.equal((await unreadOf(crew)).notifications, 1)
  assert.deepEqual(
    (await listOf(crew)).notifications.map(({ kind }) => kind),
    ['follow'],
  )
})

test('a message counts as a message, not as a notification', async () => {
  const worf = await app.actAs('worf')
  await worf('POST', '/api/messages', { json: { handle: 'crew_5', message: 'Hear me.' } })
  const crew = await app.actAs('crew_5')
  const { notifications, unread } = await listOf(crew)
  assert.deepEqual(unread, { notifications: 0, messages: 1 })
  assert.equal(notifications[0]?.kind, 'message')
  assert.equal(typeof notifications[0]?.message_group_uuid, 'string')
})

test('the pages of a long list have every notification once, in order', async () => {
  const crew = await app.actAs('crew_6')
  for (let n = 7; n <= 30; n++) await tell('crew_6', `crew_${n}`, 'follow', null, `${Math.floor(n / 4)} seconds`)
  const seen: string[] = []
  let after = ''
  for (;;) {
    const { notifications, next_cursor, unread } = await listOf(crew, `?limit=7${after}`)
    assert.equal(unread.notifications, 24)
    seen.push(...notifications.map(({ uuid }) => uuid))
    if (next_cursor === null) break
    after = `&after=${next_cursor}`
  }
  const all = await database.query<{ uuid: string }>(
    `SELECT n.uuid FROM notifications n JOIN users u ON u.uuid = n.user_uuid WHERE u.handle = 'crew_6'
     ORDER BY n.created_at DESC, n.uuid DESC`,
  )
  assert.deepEqual(
    seen,
    all.map(({ uuid }) => uuid),
  )
  const { status, body } = await crew('GET', '/api/activities/notifications?after=nonsense')
  assert.deepEqual([status, (body as { fields: object }).fields], [400, { after: 'is not a cursor of this API' }])
})
