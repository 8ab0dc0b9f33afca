import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, startDatabaseProxy, withProductTimeouts } from '../testing.ts'
import { closePool, createPool, inTransaction, openPool } from './pool.ts'

test('the address of the database can change the timeouts', async () => {
  const pool = createPool(`${withProductTimeouts((await createDatabase()).url)}?connect_timeout=7&statement_timeout=50`)
  assert.equal(pool.options.connectionTimeoutMillis, 7_000)
  await assert.rejects(pool.query('SELECT pg_sleep(60)'), { code: '57014' })
  await pool.end()
})

test('the address of the database may leave out the host, as for a socket', async () => {
  const pool = createPool('postgres://cruddur@/cruddur?host=/run/postgresql&connect_timeout=7')
  assert.equal(pool.options.connectionTimeoutMillis, 7_000)
  await pool.end()
})

test('a connection that breaks in a transaction fails only that request', async () => {
  const { url } = await createDatabase()
  const proxy = await startDatabaseProxy(url)
  openPool(proxy.url)
  const broken = inTransaction(5_000, async (query) => {
    const asked = query('SELECT pg_sleep(2)')
    setImmediate(() => proxy.shut())
    await asked
  })
  await assert.rejects(broken, { code: 'unavailable' })
  proxy.open()
  assert.deepEqual(await inTransaction(5_000, (query) => query('SELECT 1 AS one')), [{ one: 1 }])
  await closePool()
})
