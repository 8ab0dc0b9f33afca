import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, startDatabaseDoor } from '../testing.ts'
import { closePool, inTransaction, openPool } from './pool.ts'

test('a connection that breaks in a transaction fails only that request', async () => {
  const { url } = await createDatabase()
  const door = await startDatabaseDoor(url)
  openPool(door.url)
  const broken = inTransaction(5_000, async (query) => {
    const asked = query('SELECT pg_sleep(2)')
    setImmediate(() => door.shut())
    await asked
  })
  await assert.rejects(broken, { code: 'unavailable' })
  door.open()
  assert.deepEqual(await inTransaction(5_000, (query) => query('SELECT 1 AS one')), [{ one: 1 }])
  await closePool()
})
