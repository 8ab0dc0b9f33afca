import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { oddsOf } from '@cruddur/trace-node/testing/sampler'
import { slowMs } from '@cruddur/wire/names'
import { createDatabase, startBackend, startCollector } from '../testing.ts'

const key = 'a key of this test'
const odds = oddsOf(0.1, key)
const ids = Array.from({ length: 200 }, (_, n) => createHash('md5').update(String(n)).digest('hex'))
const unlucky = ids.find((traceId) => !odds.keeps(traceId)) as string

const isSlow = (timing: string) => Number(/total;dur=([\d.]+)/.exec(timing)?.[1]) >= slowMs

test("decides by the ratio, not by a client's flag or trace id, keeps faults, and says so in each answer", async () => {
  const database = await createDatabase()
  const collector = await startCollector()
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
    OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.1',
    TRACE_SAMPLING_KEY: key,
  })
  /** A slow answer keeps its trace. Nothing is slow here, unless the machine pauses. */
  const slow = new Set<string>()
  const call = async (traceId: string, flags: string, path = '/api/nowhere') => {
    const traceparent = `00-${traceId}-${'1'.repeat(16)}-${flags}`
    const { status, headers } = await backend.call('GET', path, { headers: { traceparent } })
    const timing = headers.get('server-timing') ?? ''
    const answer = /traceparent;desc="00-([0-9a-f]{32})-[0-9a-f]{16}-(0[01])"/.exec(timing)
    assert.equal(answer?.[1], traceId)
    if (isSlow(timing)) slow.add(traceId)
    return { status, isKept: answer[2] === '01' }
  }
  for (const flags of ['01', '00']) {
    for (const traceId of ids)
      assert.equal((await call(traceId, flags)).isKept, odds.keeps(traceId) || slow.has(traceId))
  }
  await database.query('ALTER TABLE activities RENAME TO nowhere')
  assert.deepEqual(await call(unlucky, '00', '/api/activities/home'), { status: 500, isKept: true })
  const perTrace = () => Map.groupBy(collector.spans, ({ traceId }) => traceId)
  const fault = await collector.trace(unlucky, 6)
  assert.deepEqual(fault.map(({ name }) => name).sort(), [
    'GET',
    'GET',
    'GET /api/activities/home',
    'SELECT activities',
    'activity.home',
    'pg-pool.connect',
  ])
  assert.ok(fault.every(({ attributes, traceState }) => attributes.SampleRate === 1 && /^ot=th:0;rv:/.test(traceState)))

  backend.process.kill('SIGTERM')
  await backend.exit
  const usual = new Set(ids.filter((traceId) => traceId !== unlucky && !slow.has(traceId)))
  const kept = [...perTrace()].filter(([traceId]) => usual.has(traceId))
  assert.deepEqual(new Set(kept.map(([traceId]) => traceId)), new Set([...usual].filter(odds.keeps)))
  for (const [, spans] of kept) {
    assert.equal(spans.length, 2, 'with either flag')
    assert.ok(spans.every(({ attributes, traceState }) => attributes.SampleRate === 10 && /^ot=th:e6/.test(traceState)))
  }
})

test('keeps the ratio for 300 trace ids that a client chose', async () => {
  const database = await createDatabase()
  const collector = await startCollector()
  const backend = await startBackend({
    DATABASE_URL: database.url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.01',
  })
  // The SDK's own sampler would keep these at any ratio.
  const slow = new Set<string>()
  for (let n = 1; n <= 300; n++) {
    const traceId = n.toString(16).padStart(32, '0')
    const traceparent = `00-${traceId}-${'1'.repeat(16)}-01`
    const { headers } = await backend.call('GET', '/api/nowhere', { headers: { traceparent } })
    if (isSlow(headers.get('server-timing') ?? '')) slow.add(traceId)
  }
  backend.process.kill('SIGTERM')
  await backend.exit
  const chosen = collector.spans.filter(({ traceId }) => traceId.startsWith('0000') && !slow.has(traceId))
  assert.ok(chosen.length < 20, `${chosen.length} of 300`)
})
