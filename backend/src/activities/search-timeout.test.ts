import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useVendors, vendors } from '@cruddur/trace-node/testing/vendors'
import { createDatabase, startApp } from '../testing.ts'

test('a search that takes too long is refused with advice, and is not a fault', async () => {
  const database = await createDatabase()
  const [{ name } = { name: '' }] = await database.query<{ name: string }>('SELECT current_database() AS name')
  await database.query(
    `CREATE FUNCTION public.websearch_to_tsquery(regconfig, text) RETURNS tsquery LANGUAGE sql VOLATILE
     AS $$ SELECT plainto_tsquery($2) FROM pg_sleep(10) $$`,
  )
  await database.query(`ALTER DATABASE "${name}" SET search_path = public, pg_catalog`)
  const address = new URL(database.url)
  address.searchParams.set('statement_timeout', '500')
  const { call } = await startApp({ databaseUrl: address.href })
  const reported: unknown[] = []
  const before = vendors()
  useVendors({
    ...before,
    faults: {
      ...before.faults,
      report: (fault) => {
        reported.push(fault)
        return null
      },
    },
  })
  const { status, body } = await call('GET', '/api/activities/search?term=honor')
  useVendors(before)
  assert.equal(status, 400)
  const { code, message, fields } = body as { code: string; message: string; fields: Record<string, string> }
  assert.deepEqual([code, message], ['invalid_input', 'This search took too long. Try a rarer word.'])
  assert.deepEqual(fields, { term: message })
  assert.deepEqual(reported, [])
})
