import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { faults } from '@cruddur/trace-node/testing/faults'
import { startRollbar } from '@cruddur/vendor-doubles'
import { startCollector } from '../testing.ts'

test('prints the file and the line of a syntax error in a module', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cruddur-syntax-'))
  t.after(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'broken.ts'), 'export const first: number = 1\nconst twice = 2\nconst twice = 3\n')
  writeFileSync(join(folder, 'main.ts'), "import './broken.ts'\n")
  const child = spawn(process.execPath, ['--import', './src/telemetry/start.ts', join(folder, 'main.ts')], {
    cwd: `${import.meta.dirname}/../..`,
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none', LOG_FORMAT: 'readable' },
  })
  let output = ''
  child.stderr.on('data', (text) => (output += text))
  const [code] = await once(child, 'close')
  assert.notEqual(code, 0)
  assert.match(output, /broken\.ts:3\nconst twice = 3\n/)
  assert.match(output, /SyntaxError: Identifier 'twice' has already been declared/)
  assert.doesNotMatch(output, /import-in-the-middle/)
})

const hanging = faults.filter(([name]) => ['a hanging request', 'a closed port'].includes(name))
for (const [name, fault] of [['healthy', null] as const, ...hanging]) {
  test(`logs an unhandled rejection and exits with 1 while Rollbar is ${name}`, async (t) => {
    const rollbar = await startRollbar()
    t.after(rollbar.stop)
    rollbar.fault = fault
    const program = "setTimeout(() => Promise.reject(new Error('not caught')), 50); setInterval(() => {}, 1_000)"
    const child = spawn(
      process.execPath,
      ['--import', './src/telemetry/start.ts', '--input-type=module', '--eval', program],
      {
        cwd: `${import.meta.dirname}/../..`,
        env: {
          PATH: process.env.PATH,
          OTEL_TRACES_EXPORTER: 'none',
          ROLLBAR_ACCESS_TOKEN: 'token',
          ROLLBAR_ENDPOINT: `${rollbar.url}/api/1/item/`,
        },
      },
    )
    t.after(() => child.kill('SIGKILL'))
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    const [code] = await once(child, 'close')
    assert.equal(code, 1)
    const line = JSON.parse(output.trim().split('\n').at(-1) ?? '')
    assert.equal(line.origin, 'unhandledRejection')
    assert.match(line.error, /not caught/)
    if (name !== 'healthy') return
    const item = JSON.parse(String(rollbar.requests[0]?.body)).data
    assert.deepEqual([item.level, item.uuid], ['critical', line.rollbar_uuid])
  })
}

test('ends the open spans in a crash, and names the failed and open traces in the item and the log line', async (t) => {
  const [rollbar, collector] = await Promise.all([startRollbar(), startCollector()])
  t.after(rollbar.stop)
  const program = `
    import { trace } from '@opentelemetry/api'
    const tracer = trace.getTracer('test')
    tracer.startActiveSpan('another request', () => {})
    tracer.startActiveSpan('a request', () => {
      tracer.startActiveSpan('a use case', () => setTimeout(() => { throw new Error('not caught') }, 50))
    })`
  const child = spawn(
    process.execPath,
    ['--import', './src/telemetry/start.ts', '--input-type=module', '--eval', program],
    {
      cwd: `${import.meta.dirname}/../..`,
      env: {
        PATH: process.env.PATH,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        // The ratio alone would keep no trace here.
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.000001',
        ROLLBAR_ACCESS_TOKEN: 'token',
        ROLLBAR_ENDPOINT: `${rollbar.url}/api/1/item/`,
      },
    },
  )
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  child.stdout.on('data', (text) => (output += text))
  await once(child, 'close')
  const spans = Object.fromEntries(collector.spans.map((span) => [span.name, span]))
  assert.deepEqual(Object.keys(spans).sort(), ['a request', 'a use case', 'another request'])
  for (const span of collector.spans) {
    assert.equal(span.status, 'error')
    assert.equal(span.attributes['app.ended_by'], 'crash')
  }
  const failed = spans['a use case']
  assert.equal(failed?.statusMessage, 'not caught')
  assert.equal(failed?.events[0]?.name, 'exception')
  const line = JSON.parse(output.trim().split('\n').at(-1) ?? '')
  const { custom } = JSON.parse(String(rollbar.requests[0]?.body)).data
  for (const said of [line, custom]) {
    assert.deepEqual([said.trace_id, said.span_id], [failed?.traceId, failed?.spanId])
    assert.deepEqual(said.open_traces.split(' ').sort(), [failed?.traceId, spans['another request']?.traceId].sort())
  }
})
