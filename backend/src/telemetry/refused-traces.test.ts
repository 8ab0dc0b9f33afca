import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Health } from '@cruddur/shared/health'
import { createDatabase, startBackend, startCollector } from '../testing.ts'

test('keeps few spans of an address that is often refused, and says in each answer whether it keeps them', async () => {
  const database = await createDatabase()
  const collector = await startCollector()
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    REQUESTS_PER_MINUTE: '60',
  })
  const refused: string[] = []
  const answered = { kept: new Set<string>(), leftOut: new Set<string>() }
  const startedAt = performance.now()
  for (let n = 0; n < 300; n++) {
    const traceId = randomBytes(16).toString('hex')
    const traceparent = `00-${traceId}-${'1'.repeat(16)}-01`
    const { status, headers } = await backend.call('GET', '/nowhere', { headers: { traceparent } })
    if (status === 429) refused.push(traceId)
    answered[headers.get('server-timing')?.endsWith('-01"') ? 'kept' : 'leftOut'].add(traceId)
  }
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000)
  assert.ok(refused.length >= 270 - seconds, String(refused.length))

  const { signals } = (await backend.call('GET', '/api/health-check')).body as Health
  backend.process.kill('SIGTERM')
  await backend.exit
  const exported = new Set(collector.spans.map(({ traceId }) => traceId))
  const ofRefused = refused.filter((traceId) => exported.has(traceId))
  assert.ok(ofRefused.length <= 20 + seconds, `spans of ${ofRefused.length} of ${refused.length} refused requests`)
  assert.ok(ofRefused.length >= 20)
  for (const traceId of answered.kept) assert.ok(exported.has(traceId))
  for (const traceId of answered.leftOut) assert.ok(!exported.has(traceId))
  const spans = signals.find(({ name }) => name === 'spans')
  assert.equal(spans?.dropped.refused_request, answered.leftOut.size)
})
