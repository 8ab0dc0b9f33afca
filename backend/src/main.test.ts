import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDatabase, eventually, spawnBackend, startBackend, startCollector, startTcpProxy } from './testing.ts'

// A backend that ignores its deadlines never exits.
const exits = { timeout: 60_000 }

test('a wrong value stops the start with one line', async () => {
  for (const [env, line] of [
    [{ DATABASE_URL: 'postgres://localhost/x', PORT: 'http' }, 'PORT must be a port.\n'],
    [{}, 'DATABASE_URL is missing.\n'],
    [
      { DATABASE_URL: 'postgres://localhost/x', OTEL_TRACES_EXPORTER: 'fax' },
      'OTEL_TRACES_EXPORTER can be console, otlp or none, not "fax".\n',
    ],
  ] as const) {
    const backend = spawnBackend({ ...env })
    assert.equal(await backend.exit, 1)
    assert.equal(backend.output(), line)
  }
})

test('a port in use gets one line that names it', async () => {
  const { url } = await createDatabase()
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 })
  const backend = spawnBackend({ DATABASE_URL: url, PORT: String(proxy.port), OTEL_TRACES_EXPORTER: 'none' })
  assert.equal(await backend.exit, 1)
  assert.match(backend.output(), new RegExp(`^Port ${proxy.port} is in use\\. Set PORT to another one\\.$`, 'm'))
})

test('two backends that start at once on an empty database become ready and seed it once', async () => {
  const { url, query } = await createDatabase()
  const env = { DATABASE_URL: url, DEMO_PEOPLE: 'true', OTEL_TRACES_EXPORTER: 'none' }
  const both = await Promise.all([startBackend(env), startBackend(env)])
  for (const backend of both) {
    await eventually(async () => (await backend.call('GET', '/api/health-check?ready')).status === 200)
  }
  assert.deepEqual(await query('SELECT count(*)::int AS n FROM activities'), [{ n: 4 }])
  for (const backend of both) backend.process.kill('SIGTERM')
  assert.deepEqual(await Promise.all(both.map(({ exit }) => exit)), [0, 0])
})

test('SIGTERM sends the last spans and exits cleanly', exits, async () => {
  const { url } = await createDatabase()
  const collector = await startCollector()
  const backend = await startBackend({
    DATABASE_URL: url,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '60000',
  })
  await backend.call('GET', '/api/nowhere')
  backend.process.kill('SIGTERM')
  assert.equal(await backend.exit, 0)
  assert.deepEqual(
    collector.spans.map(({ name }) => name),
    ['GET'],
  )
})

test('a vendor that hangs delays neither answers nor the exit', exits, async () => {
  const { url } = await createDatabase()
  const proxy = await startTcpProxy({ host: '127.0.0.1', port: 1 })
  proxy.silence()
  const backend = await startBackend({
    DATABASE_URL: url,
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${proxy.port}`,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  })
  for (let times = 0; times < 20; times++) assert.equal((await backend.call('GET', '/api/nowhere')).status, 404)
  backend.process.kill('SIGTERM')
  assert.equal(await backend.exit, 0)
})

test('the backend exits when its parent has exited', exits, async () => {
  const { url } = await createDatabase()
  const backend = await startBackend({ DATABASE_URL: url, OTEL_TRACES_EXPORTER: 'none' })
  backend.process.disconnect()
  assert.equal(await backend.exit, 0)
})

test('spans go to the terminal with OTEL_TRACES_EXPORTER=console', async () => {
  const { url } = await createDatabase()
  const backend = await startBackend({ DATABASE_URL: url, OTEL_TRACES_EXPORTER: 'console' })
  const { body } = await backend.call('GET', '/api/nowhere')
  const { traceId } = body as { traceId: string }
  await eventually(() => backend.output().includes(`traceId: '${traceId}'`))
})
