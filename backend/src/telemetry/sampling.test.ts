import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createDatabase, startBackend, startCollector } from '../testing.ts'

const notSampled = 'f'.repeat(32)

test('the ratio decides, not the flag that a stranger sends; faults are kept all the same', async () => {
  const database = await createDatabase()
  const collector = await startCollector()
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
  })
  const ids = Array.from({ length: 200 }, (_, n) => createHash('md5').update(String(n)).digest('hex'))
  const requestWith = async (flags: string) => {
    for (const traceId of ids) {
      await backend.call('GET', '/api/nowhere', {
        headers: { traceparent: `00-${traceId}-${'1'.repeat(16)}-${flags}` },
      })
    }
  }
  await requestWith('01')
  await requestWith('00')
  await database.query('ALTER TABLE activities RENAME TO nowhere')
  const fault = { headers: { traceparent: `00-${notSampled}-${'1'.repeat(16)}-00` } }
  assert.equal((await backend.call('GET', '/api/activities/home', fault)).status, 500)

  const kept = await collector.trace(notSampled, 4)
  assert.deepEqual(kept.map(({ name }) => name).sort(), [
    'GET /api/activities/home',
    'SELECT activities',
    'activity.home',
    'pg-pool.connect',
  ])
  const perTrace = new Map<string, number>()
  for (const { traceId } of collector.spans.filter((span) => span.traceId !== notSampled)) {
    perTrace.set(traceId, (perTrace.get(traceId) ?? 0) + 1)
  }
  assert.ok(perTrace.size > 0 && perTrace.size < 80, `${perTrace.size} of 200 traces`)
  assert.deepEqual(new Set(perTrace.values()), new Set([2]), 'each of them with either flag')
})
