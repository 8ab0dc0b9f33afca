import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ActivityPage } from '@cruddur/shared/activities'
import * as z from 'zod/mini'
import { type Call, createDatabase, startApp, type TestApp, type TestDatabase } from '../testing.ts'

let database: TestDatabase
let app: TestApp

before(async () => {
  database = await createDatabase()
  app = await startApp({ databaseUrl: database.url })
})

const home = async (call: Call, query = '') => {
  const { status, body } = await call('GET', `/api/activities/home${query}`)
  assert.equal(status, 200)
  return z.parse(ActivityPage, body)
}
const uuidOf = async (message: string) => {
  const [row] = await database.query<{ uuid: string }>('SELECT uuid FROM activities WHERE message = $1', [message])
  assert.ok(row, message)
  return row.uuid
}
const post = async (message: string, age: string, left: string, replyTo: string | null = null) => {
  const [row] = await database.query<{ uuid: string }>(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at, reply_to_activity_uuid)
     SELECT uuid, $1, now() - $2::interval, now() + $3::interval, $4 FROM users WHERE handle = 'worf' RETURNING uuid`,
    [message, age, left, replyTo],
  )
  return row?.uuid as string
}

test('the feed begins with the three first people, newest first, with likes and the reply', async () => {
  const { activities, next_cursor } = await home(app.call)
  assert.deepEqual(
    activities.map(({ handle, message }) => [handle, message]),
    [
      ['garek', 'My dear doctor, I am just simple tailor'],
      ['andrewbrown', 'Cloud is very fun!'],
      ['worf', 'I am out of prune juice'],
    ],
  )
  const cloud = activities[1]
  assert.equal(cloud?.likes_count, 5)
  assert.equal(cloud?.replies_count, 1)
  assert.deepEqual(
    cloud?.replies.map(({ handle, message }) => [handle, message]),
    [['worf', 'This post has no honor!']],
  )
  const [likes] = await database.query('SELECT count(*)::int AS rows FROM likes WHERE activity_uuid = $1', [
    cloud?.uuid,
  ])
  assert.deepEqual(likes, { rows: 5 }, 'a count that rows stand for')
  assert.equal(next_cursor, null)
})

test('a like is counted once, is shown to who gave it, and can be taken back', async () => {
  const uuid = await uuidOf('I am out of prune juice')
  const garek = await app.actAs('garek')

  assert.deepEqual((await garek('POST', `/api/activities/${uuid}/like`)).body, { uuid, likes_count: 1, liked: true })
  assert.deepEqual((await garek('POST', `/api/activities/${uuid}/like`)).body, { uuid, likes_count: 1, liked: true })
  const seen = async (call: Call) => (await home(call)).activities.find((activity) => activity.uuid === uuid)?.liked
  assert.equal(await seen(garek), true)
  assert.equal(await seen(app.call), false)

  assert.deepEqual((await garek('DELETE', `/api/activities/${uuid}/like`)).body, { uuid, likes_count: 0, liked: false })
  assert.deepEqual((await garek('DELETE', `/api/activities/${uuid}/like`)).body, { uuid, likes_count: 0, liked: false })
})

test('a hundred people who like at once, each twice, are a hundred likes', async () => {
  const uuid = await uuidOf('My dear doctor, I am just simple tailor')
  await database.query(
    "INSERT INTO users (handle, display_name, demo) SELECT 'crew_' || n, 'Crew', true FROM generate_series(1, 100) AS n",
  )
  const crew = await Promise.all(Array.from({ length: 100 }, (_, n) => app.actAs(`crew_${n + 1}`)))
  const answers = await Promise.all([...crew, ...crew].map((person) => person('POST', `/api/activities/${uuid}/like`)))
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
  const [row] = await database.query('SELECT likes_count FROM activities WHERE uuid = $1', [uuid])
  assert.deepEqual(row, { likes_count: 100 })

  await Promise.all([...crew, ...crew].map((person) => person('DELETE', `/api/activities/${uuid}/like`)))
  const [emptied] = await database.query('SELECT likes_count FROM activities WHERE uuid = $1', [uuid])
  assert.deepEqual(emptied, { likes_count: 0 })
})

test('to like one must be somebody, and the activity must be there', async () => {
  const uuid = await uuidOf('I am out of prune juice')
  assert.equal((await app.call('POST', `/api/activities/${uuid}/like`)).status, 401)
  const worf = await app.actAs('worf')
  const missing = await worf('POST', '/api/activities/3f3f3f3f-3f3f-4f3f-8f3f-3f3f3f3f3f3f/like')
  assert.equal(missing.status, 404)
  const malformed = await worf('POST', '/api/activities/not-a-uuid/like')
  assert.equal(malformed.status, 400)
  assert.deepEqual(Object.keys((malformed.body as { fields: object }).fields), ['uuid'])
})

test('what has expired by the database clock is not served, not counted and cannot be liked', async () => {
  const parent = await post('a parent', '1 minute', '1 hour')
  const fading = await post('a reply that expires', '1 minute', '1 hour', parent)
  await post('a reply that stays', '1 minute', '1 hour', parent)
  const find = async () => (await home(app.call)).activities.find(({ uuid }) => uuid === parent)
  assert.equal((await find())?.replies_count, 2)

  await database.query("UPDATE activities SET expires_at = now() - interval '1 second' WHERE uuid = $1", [fading])
  const after = await find()
  assert.equal(after?.replies_count, 1)
  assert.deepEqual(
    after?.replies.map(({ message }) => message),
    ['a reply that stays'],
  )

  await database.query("UPDATE activities SET expires_at = now() - interval '1 second' WHERE uuid = $1", [parent])
  assert.equal(await find(), undefined)
  const worf = await app.actAs('worf')
  assert.equal((await worf('POST', `/api/activities/${parent}/like`)).status, 404)
})

test('pages follow one another without a gap or a repetition, also among activities of one instant', async () => {
  await database.query(
    `INSERT INTO activities (user_uuid, message, created_at, expires_at)
     SELECT uuid, 'same instant ' || n, now() - interval '3 days', now() + interval '1 day'
     FROM users, generate_series(1, 12) AS n WHERE handle = 'worf'`,
  )
  const all = (await home(app.call, '?limit=50')).activities.map(({ uuid }) => uuid)
  const paged: string[] = []
  let after: string | null = null
  do {
    const query: string = after === null ? '?limit=5' : `?limit=5&after=${encodeURIComponent(after)}`
    const page = await home(app.call, query)
    assert.ok(page.activities.length <= 5)
    paged.push(...page.activities.map(({ uuid }) => uuid))
    after = page.next_cursor
  } while (after !== null)
  assert.deepEqual(paged, all)
  assert.ok(all.length >= 15)
})

test('a page that is asked for wrongly is refused field by field', async () => {
  const { status, body } = await app.call('GET', '/api/activities/home?limit=51&colour=red')
  assert.equal(status, 400)
  assert.deepEqual(Object.keys((body as { fields: object }).fields).sort(), ['colour', 'limit'])
  for (const after of ['nonsense', Buffer.from('["yesterday", 3]').toString('base64url')]) {
    const refused = await app.call('GET', `/api/activities/home?after=${after}`)
    assert.equal(refused.status, 400, after)
    assert.deepEqual(Object.keys((refused.body as { fields: object }).fields), ['after'])
  }
})
