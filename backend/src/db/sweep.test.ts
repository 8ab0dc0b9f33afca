import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { createDatabase, type TestDatabase } from '../testing.ts'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { seed } from './seed.ts'
import { sweep } from './sweep.ts'

let database: TestDatabase
const goOn = new AbortController().signal

before(async () => {
  database = await createDatabase()
  await migrate(database.url)
  await database.query(
    "INSERT INTO users (handle, display_name) SELECT 'crew_' || n, 'Crew' FROM generate_series(1, 5) AS n",
  )
})

const put = (count: number, expired: string) =>
  database.query(
    `WITH written AS (
       INSERT INTO activities (user_uuid, message, created_at, expires_at, replies_count, likes_count)
       SELECT (SELECT uuid FROM users WHERE handle = 'crew_1'), 'root ' || n, now() - interval '1 year',
         now() - $2::interval, 2, 5
       FROM generate_series(1, $1) AS n RETURNING *
     ), replied AS (
       INSERT INTO activities (user_uuid, message, created_at, expires_at, reply_to_activity_uuid)
       SELECT user_uuid, 'reply', created_at, expires_at, uuid FROM written, generate_series(1, 2)
     ), tagged AS (
       INSERT INTO hashtags (activity_uuid, tag, user_uuid, created_at, expires_at)
       SELECT uuid, 'tag', user_uuid, created_at, expires_at FROM written
     )
     INSERT INTO likes (user_uuid, activity_uuid) SELECT u.uuid, w.uuid FROM written w, users u`,
    [count, expired],
  )
const left = async () => {
  const [counts] = await database.query<{ activities: number; likes: number; hashtags: number }>(
    `SELECT (SELECT count(*)::int FROM activities) AS activities, (SELECT count(*)::int FROM likes) AS likes,
       (SELECT count(*)::int FROM hashtags) AS hashtags`,
  )
  return counts
}

test('activities that expired ten minutes ago are deleted with everything that refers to them', async () => {
  const pool = createPool(database.url)
  await put(250, '11 minutes')
  await put(2, '9 minutes')
  await put(3, '-1 hour')
  assert.equal(await sweep(pool, goOn), 250)
  assert.deepEqual(await left(), { activities: 15, likes: 25, hashtags: 5 })
  assert.equal(await sweep(pool, goOn), 0)
  await database.query('DELETE FROM activities')
  await pool.end()
})

test('several backends that sweep at once share the work', async () => {
  const pools = Array.from({ length: 4 }, () => createPool(database.url))
  await put(900, '1 hour')
  const removed = await Promise.all(pools.map((pool) => sweep(pool, goOn)))
  assert.equal(
    removed.reduce((sum, count) => sum + count),
    900,
  )
  assert.deepEqual(await left(), { activities: 0, likes: 0, hashtags: 0 })
  await Promise.all(pools.map((pool) => pool.end()))
})

test('rows that another backend has locked are left for later', async () => {
  const pool = createPool(database.url)
  await put(2, '1 hour')
  const holder = await pool.connect()
  await holder.query("BEGIN; SELECT FROM activities WHERE message = 'root 1' FOR KEY SHARE")
  assert.equal(await sweep(pool, goOn), 1)
  await holder.query('ROLLBACK')
  holder.release()
  assert.equal(await sweep(pool, goOn), 1)
  await pool.end()
})

test('a sweep stops when it is told to', async () => {
  const pool = createPool(database.url)
  await put(1, '1 hour')
  assert.equal(await sweep(pool, AbortSignal.abort()), 0)
  assert.equal(await sweep(pool, goOn), 1)
  await pool.end()
})

test('after a sweep the first cruds are seeded again', async () => {
  const pool = createPool(database.url)
  assert.equal(await seed(pool), true)
  await database.query(
    "UPDATE activities SET created_at = now() - interval '9 days', expires_at = now() - interval '1 day'",
  )
  assert.ok((await sweep(pool, goOn)) > 0)
  assert.equal((await left())?.activities, 0)
  assert.equal(await seed(pool), true)
  await pool.end()
})
