import assert from 'node:assert/strict'
import { test } from 'node:test'
import { useVendors, vendors } from '@cruddur/trace-node/testing/vendors'
import { createDatabase, eventually, startApp } from '../testing.ts'

test('the client’s address is the one that the last trusted proxy names', async () => {
  const seen: unknown[] = []
  const log = { ...vendors().log, info: (_: string, fields = {}) => void seen.push(fields) }
  useVendors({ ...vendors(), log })
  const { url: databaseUrl } = await createDatabase()
  const from = async (trustedProxies: string[], forwarded: string) => {
    const app = await startApp({ databaseUrl, trustedProxies })
    seen.length = 0
    await app.call('GET', '/api/trace-link', { headers: { 'x-forwarded-for': forwarded } })
    const [fields] = (await eventually(() => seen.length > 0 && seen)) as { remote_address: string }[]
    return fields?.remote_address
  }
  assert.equal(await from(['127.0.0.0/8'], '6.6.6.6, 10.1.2.3'), '10.1.2.3')
  assert.equal(await from(['127.0.0.0/8', '10.0.0.0/8'], '6.6.6.6, 10.1.2.3'), '6.6.6.6')
  assert.equal(await from(['10.0.0.0/8'], '6.6.6.6, 10.1.2.3'), '127.0.0.1')
})
