import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import {
  createDatabase,
  eventually,
  startApp,
  startBackend,
  startDatabaseProxy,
  type TestDatabase,
  withProductTimeouts,
} from '../testing.ts'
import { migrate } from './migrate.ts'
import { createPool } from './pool.ts'
import { seed } from './seed.ts'
import { openStorage } from './storage.ts'

test('two backends that start at once migrate once and seed once', async () => {
  const { url, query } = await createDatabase()
  const pools = [createPool(url), createPool(url), createPool(url)]
  await Promise.all(pools.map(() => migrate(url)))
  const seeded = await Promise.all(pools.map((pool) => seed(pool)))
  assert.deepEqual(seeded.filter(Boolean), [true])
  assert.deepEqual(await query('SELECT count(*)::int AS n FROM activities'), [{ n: 4 }])
  await Promise.all(pools.map((pool) => pool.end()))
})

test('the first cruds are seeded again when all have expired, and not before', async () => {
  const { url, query } = await createDatabase()
  const pool = createPool(url)
  // Not at `now()`, because rounding it to milliseconds can make it a time in the future.
  const expire = "UPDATE activities SET expires_at = now() - interval '1 second'"
  await migrate(url)
  assert.equal(await seed(pool), true)
  await query(`${expire} WHERE message <> 'Cloud is very fun!'`)
  assert.equal(await seed(pool), false)
  await query(expire)
  assert.equal(await seed(pool), true)
  const [row] = await query(
    "SELECT likes_count FROM activities WHERE message = 'Cloud is very fun!' AND expires_at > now()",
  )
  assert.deepEqual(row, { likes_count: 5 })
  await pool.end()
})

test('a real user with the handle of a seeded person gets no cruds', async () => {
  const { url, query } = await createDatabase()
  const pool = createPool(url)
  await migrate(url)
  await query("INSERT INTO users (handle, display_name) VALUES ('worf', 'A real one')")
  await seed(pool)
  const said = await query("SELECT message FROM activities JOIN users ON users.uuid = user_uuid WHERE handle = 'worf'")
  assert.deepEqual(said, [])
  await pool.end()
})

// Without its timeouts the backend would never answer.
const answers = { timeout: 120_000 }

test('without its database the backend keeps running, answers in time, and becomes ready again', answers, async () => {
  const database = await createDatabase()
  const proxy = await startDatabaseProxy(withProductTimeouts(database.url))
  proxy.shut()
  const app = await startApp({ databaseUrl: proxy.url, waitUntilReady: false })

  const feed = () => app.call('GET', '/api/activities/home')
  const health = (query = '') => app.call('GET', `/api/health-check${query}`)
  const isUnavailable = async () => {
    const { status, headers, body } = await feed()
    assert.equal(status, 503)
    assert.equal((body as { code: string }).code, 'unavailable')
    assert.ok(Number(headers.get('retry-after')) >= 1)
  }

  await isUnavailable()
  assert.deepEqual(await health().then(({ status, body }) => ({ status, body })), {
    status: 200,
    body: { ready: false, database: 'down', version: '0.0.0-test', signals: [] },
  })
  assert.equal((await health('?ready')).status, 503)
  assert.equal((await app.call('GET', '/api/trace-link')).status, 200)

  proxy.open()
  await eventually(async () => (await health('?ready')).status === 200)
  await eventually(async () => (await feed()).status === 200)

  proxy.shut()
  await isUnavailable()
  assert.equal((await health('?ready')).status, 503)
  proxy.open()
  await eventually(async () => (await feed()).status === 200)

  proxy.silence()
  await isUnavailable()
})

/** Waits until a migration waits for the lock, or has it. */
const migrationThat = (database: TestDatabase, has: 'granted' | 'NOT granted') =>
  eventually(async () => {
    const locks = await database.query(
      `SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database
       WHERE locktype = 'advisory' AND ${has} AND datname = current_database()`,
    )
    return locks.length === 1
  })

const holdMigrations = async ({ url }: TestDatabase) => {
  const holder = createPool(url, { max: 1 })
  await holder.query('SELECT pg_advisory_lock($1)', [0x0c40dd])
  return () => holder.end()
}

test('a migration starts again after a silently lost connection', async () => {
  const database = await createDatabase()
  const proxy = await startDatabaseProxy(withProductTimeouts(database.url))
  const release = await holdMigrations(database)
  const app = await startApp({ databaseUrl: proxy.url, waitUntilReady: false })
  await migrationThat(database, 'NOT granted')
  proxy.silence()
  await release()
  await migrationThat(database, 'granted')
  await setTimeout(100)
  proxy.open()
  await eventually(async () => (await app.call('GET', '/api/health-check?ready')).status === 200, 120_000)
})

test('a shutdown does not wait for a migration', async () => {
  const database = await createDatabase()
  const proxy = await startDatabaseProxy(database.url)
  const release = await holdMigrations(database)
  const storage = openStorage({ url: proxy.url, demoPeople: false })
  await migrationThat(database, 'NOT granted')
  proxy.silence()
  const leftAt = performance.now()
  await storage.close()
  // A shutdown that waits ends when the connection counts as lost, after twelve seconds.
  assert.ok(performance.now() - leftAt < 10_000)
  await release()
})

test('a full pool gets a quick 503, and health checks do not wait for it', answers, async () => {
  const database = await createDatabase()
  const app = await startApp({ databaseUrl: withProductTimeouts(database.url) })
  const worf = await eventually(() => app.actAs('worf').catch(() => null))
  const [row] = await database.query<{ uuid: string }>('SELECT uuid FROM activities WHERE likes_count = 5')
  const blocker = createPool(database.url, { idle_in_transaction_session_timeout: 0 })
  const client = await blocker.connect()
  await client.query('BEGIN')
  await client.query('SELECT 1 FROM activities WHERE uuid = $1 FOR UPDATE', [row?.uuid])

  const like = async () => (await worf('POST', `/api/activities/${row?.uuid}/like`)).status
  // A pause of the machine ends the waiting, so a try counts only while all likes wait.
  const statuses = await eventually(async () => {
    const answered: number[] = []
    const likes = Array.from({ length: 30 }, async () => answered.push(await like()))
    const { status } = await app.call('GET', '/api/health-check?ready')
    const isHealthy = status === 200 && answered.length === 0
    await Promise.all(likes)
    return isHealthy ? answered : null
  })
  assert.deepEqual(new Set(statuses), new Set([503]))

  await client.query('ROLLBACK')
  client.release()
  await blocker.end()
  await eventually(async () => (await like()) === 200)
})

test('with a full disk a writer gets a 503, and an operator sees the reason', async () => {
  const database = await createDatabase()
  const backend = await startBackend({ DATABASE_URL: database.url, DEMO_PEOPLE: 'true', LOG_FORMAT: 'json' })
  const worf = await backend.actAs('worf')
  const write = () => worf('POST', '/api/activities', { json: { message: 'Is there room?', ttl: '1-hour' } })
  const health = async () => (await backend.call('GET', '/api/health-check?ready')).body as { database: string }
  assert.equal((await write()).status, 200)
  assert.equal((await health()).database, 'up')
  // The message is PostgreSQL's own.
  await database.query(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
    END $$;
    CREATE TRIGGER no_room BEFORE INSERT ON activities EXECUTE FUNCTION no_room()`)
  const { status, body } = await write()
  assert.deepEqual([status, (body as { code: string }).code], [503, 'unavailable'])
  assert.equal((await worf('GET', '/api/activities/home')).status, 200, 'reading still works')
  assert.equal((await health()).database, 'disk full')
  await eventually(() => /the disk of the database is full/.test(backend.output()))
})
