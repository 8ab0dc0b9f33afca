import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { startCloudWatch } from '@cruddur/vendor-doubles'
import type { VendorRequest } from '@cruddur/vendor-doubles/protocol'
import { createLog } from '../logger.ts'
import { deadlineFor, faults, isBalanced, patienceMs, testSignal, until } from '../testing.ts'
import { type CloudWatchOptions, cloudWatchLimits, createCloudWatch } from './cloudwatch.ts'

const operationOf = ({ headers }: VendorRequest) => String(headers['x-amz-target']).replace(/^.*\./, '')

const logTo = (endpoint: string, options: Partial<CloudWatchOptions> = {}) => {
  const { signal, lines } = testSignal('cloudwatch')
  const cloudWatch = createCloudWatch({
    signal,
    logGroup: 'cruddur',
    logStream: 'test',
    client: { endpoint },
    backoff: { firstMs: 10, longestMs: 50 },
    ...options,
    limits: { deadlineMs: patienceMs, lingerMs: 5, ...options.limits },
  })
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() })
  const log = createLog({ service: 'cruddur-backend', environment: 'test', stdout, sinks: [cloudWatch.write] })
  return { signal, lines, cloudWatch, log }
}

test('sends lines as JSON, makes a missing group, and repeats no request', async (t) => {
  const aws = await startCloudWatch()
  t.after(aws.stop)
  const { log, cloudWatch, signal } = logTo(aws.url)
  await cloudWatch.ready
  for (let i = 0; i < 3; i++) {
    log.info(`line ${i}`, { route: '/api' })
    await cloudWatch.flush(patienceMs)
  }
  assert.deepEqual(
    aws.lines.map(({ group, stream }) => [group, stream]),
    Array(3).fill(['cruddur', 'test']),
  )
  assert.deepEqual(
    aws.lines.map(({ message }) => JSON.parse(message).message),
    ['line 0', 'line 1', 'line 2'],
  )
  assert.equal(JSON.parse(aws.lines[0]?.message ?? '').route, '/api')
  assert.deepEqual(aws.requests.map(operationOf), [
    'CreateLogStream',
    'CreateLogGroup',
    'CreateLogStream',
    'PutLogEvents',
    'PutLogEvents',
    'PutLogEvents',
  ])
  assert.equal(aws.requests.at(-1)?.headers.traceparent, undefined)
  assert.equal(signal.snapshot().delivered, 3)
  assert.match(signal.snapshot().destination ?? '', /^http:\/\/127.* › cruddur › test$/)
  await cloudWatch.close(100)
})

test('keeps the order of lines within one millisecond', async (t) => {
  const aws = await startCloudWatch()
  t.after(aws.stop)
  const { log, cloudWatch } = logTo(aws.url)
  await cloudWatch.ready
  const said = Array.from({ length: 200 }, (_, i) => `line ${i}`)
  for (const line of said) log.info(line)
  await cloudWatch.flush(patienceMs)
  assert.deepEqual(
    aws.lines.map(({ message }) => JSON.parse(message).message),
    said,
  )
  await cloudWatch.close(100)
})

test('makes the group again when it is deleted while running', async (t) => {
  const aws = await startCloudWatch()
  t.after(aws.stop)
  const { log, cloudWatch, signal } = logTo(aws.url)
  log.info('before')
  await until(() => signal.snapshot().delivered === 1)
  const body = JSON.stringify({ logGroupName: 'cruddur' })
  const authorization = 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=b, Signature=c'
  const headers = { 'x-amz-target': 'Logs_20140328.DeleteLogGroup', authorization }
  assert.equal((await fetch(aws.url, { method: 'POST', headers, body })).status, 200)
  log.info('after')
  await until(() => signal.snapshot().delivered === 2)
  await cloudWatch.close(100)
})

test('stays within the limits of AWS with many and long lines', async (t) => {
  const aws = await startCloudWatch()
  t.after(aws.stop)
  const { log, cloudWatch, signal } = logTo(aws.url, { limits: { lingerMs: 100 } })
  await cloudWatch.ready
  for (let i = 0; i < 9_000; i++) log.info(`${i} ${'ä'.repeat(i % 10 === 0 ? 1_500 : 100)}`)
  await cloudWatch.flush(patienceMs)
  const { created, delivered, queued, dropped, lastError } = signal.snapshot()
  assert.equal(lastError, null)
  assert.equal(created, 9_000)
  assert.equal(queued, 0)
  assert.equal(delivered + (dropped.queue_full ?? 0), 9_000)
  assert.equal(aws.lines.length, delivered)
  assert.ok(delivered > 4_000)
  assert.ok(cloudWatchLimits.batchItems <= 10_000)
  await cloudWatch.close(100)
})

test('logs only to stdout without credentials, and says why', async (t) => {
  const names = {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nowhere',
    AWS_SHARED_CREDENTIALS_FILE: '/nowhere',
  }
  Object.assign(process.env, names)
  t.after(() => {
    for (const name of Object.keys(names)) delete process.env[name]
  })
  const { signal, lines } = testSignal('cloudwatch')
  const cloudWatch = createCloudWatch({
    signal,
    logGroup: 'cruddur',
    client: { region: 'us-east-1' },
    limits: { lingerMs: 1 },
  })
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done() })
  const log = createLog({ service: 's', environment: 'test', stdout, sinks: [cloudWatch.write] })
  log.info('before it is known')
  await cloudWatch.ready
  log.info('after')
  const { destination, because, created, dropped } = signal.snapshot()
  assert.deepEqual({ destination, created, dropped, lines }, { destination: null, created: 0, dropped: {}, lines: [] })
  assert.match(because, /no credentials/)
})

for (const [name, fault] of faults) {
  test(`with ${name}: logging never waits, the account balances, two sockets suffice, and delivery resumes`, async (t) => {
    const aws = await startCloudWatch()
    t.after(aws.stop)
    const { log, cloudWatch, signal, lines } = logTo(aws.url, {
      limits: { items: 500, attempts: 1_000, batchItems: 100, deadlineMs: deadlineFor(fault) },
    })
    aws.fault = fault
    if (fault !== 'closed') await cloudWatch.ready
    for (let i = 0; i < 3_000; i++) log.info(`line ${i}`)
    assert.deepEqual(aws.lines, [])
    await until(() => signal.snapshot().lastError !== null)
    assert.ok(isBalanced(signal))
    assert.equal(signal.snapshot().created, 3_000)
    assert.ok(signal.snapshot().queued <= 500)
    assert.ok(aws.sockets.mostOpen <= 2)
    assert.equal(signal.snapshot().delivered, 0)

    aws.fault = null
    log.info('after')
    await until(() => signal.snapshot().delivered > 0 && signal.snapshot().queued === 0)
    assert.ok(isBalanced(signal))
    // AWS may have taken a batch whose answer came after the deadline.
    assert.ok(new Set(aws.lines.map(({ message }) => message)).size >= signal.snapshot().delivered)
    assert.equal(lines.length, 1)

    aws.fault = fault
    log.info('last')
    const { loopCount } = performance.nodeTiming.uvMetricsInfo
    await cloudWatch.close(300)
    assert.ok(performance.nodeTiming.uvMetricsInfo.loopCount - loopCount < 1_000, 'it does not spin')
    assert.equal(signal.snapshot().queued, 0)
    assert.equal(signal.snapshot().dropped.tried_too_often, undefined, 'it closes before it gives up')
    assert.ok(isBalanced(signal))
  })
}
