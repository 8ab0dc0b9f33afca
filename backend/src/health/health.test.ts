import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Health } from '@cruddur/shared/health'
import { createDatabase, startBackend } from '../testing.ts'

const place = 'http://collector.internal.example:4318'

const start = async (FRONTEND_URL: string) => {
  const { url } = await createDatabase()
  const backend = await startBackend({ DATABASE_URL: url, FRONTEND_URL, OTEL_EXPORTER_OTLP_ENDPOINT: place })
  return async (from?: string) => {
    const headers: Record<string, string> = from === undefined ? {} : { 'x-forwarded-for': from }
    return (await backend.call('GET', '/api/health-check', { headers })).body as Health
  }
}

test('only operators see where the signals go', async () => {
  const health = await start('https://cruddur.example')
  assert.match(JSON.stringify(await health()), /collector\.internal/, 'an operator asks the backend on its own machine')
  for (const stranger of ['203.0.113.5', '127.0.0.1']) {
    const seen = await health(stranger)
    assert.doesNotMatch(JSON.stringify(seen), /internal\.example/, stranger)
    assert.equal(seen.database, 'up')
    assert.ok(seen.signals.some(({ destination, created }) => destination === 'hidden' && created >= 0))
    assert.ok(
      seen.signals.some(({ destination }) => destination === null),
      'a stranger may see that a signal is off',
    )
  }
})

test('a page that serves only its own machine shows everything', async () => {
  const health = await start('http://localhost:3000')
  assert.match(JSON.stringify(await health('127.0.0.1')), /collector\.internal/)
  assert.doesNotMatch(JSON.stringify(await health('192.168.1.5')), /internal\.example/)
})
