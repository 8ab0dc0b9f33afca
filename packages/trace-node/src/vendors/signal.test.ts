import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { keepSecret } from '../scrub.ts'
import { until } from '../testing.ts'
import { createSignal } from './signal.ts'

const quietly = () => {
  const lines: string[] = []
  const signal = createSignal({
    name: 'rollbar',
    destination: 'https://api.rollbar.com',
    because: 'ROLLBAR_ACCESS_TOKEN is set',
    warn: (line) => lines.push(line),
  })
  return { signal, lines }
}

test('warns when trouble begins, then once a minute with the number of failures', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { signal, lines } = quietly()
  for (let i = 0; i < 40; i++) signal.failed({ error: 'ECONNREFUSED\n 127.0.0.1' })
  signal.dropped('queue_full', 7)
  mock.timers.tick(1)
  assert.deepEqual(lines, [
    'rollbar → https://api.rollbar.com: 40 failed attempts; dropped 7 (queue_full); last error: ECONNREFUSED 127.0.0.1',
  ])
  for (let second = 0; second < 59; second++) {
    signal.failed({ error: 'ECONNREFUSED' })
    mock.timers.tick(1_000)
  }
  assert.equal(lines.length, 1)
  mock.timers.tick(2_000)
  assert.match(lines[1] ?? '', /59 failed attempts; last error: ECONNREFUSED/)
  mock.timers.tick(600_000)
  assert.equal(lines.length, 2)
  signal.dropped('http_500')
  mock.timers.tick(1)
  assert.equal(lines.length, 3)
})

test('forgets an error when deliveries have succeeded for two minutes, not while attempts fail', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.after(() => mock.timers.reset())
  const { signal } = quietly()
  const errorAfter = (seconds: number) => {
    mock.timers.tick(seconds * 1_000)
    return signal.snapshot().lastError
  }
  signal.failed({ error: 'ECONNREFUSED' })
  assert.equal(errorAfter(3_600), 'ECONNREFUSED')
  signal.delivered(0)
  assert.equal(errorAfter(121), 'ECONNREFUSED')
  for (let minute = 0; minute < 10; minute++) {
    signal.delivered(5)
    assert.equal(errorAfter(60), 'ECONNREFUSED')
    signal.failed({ error: 'ECONNREFUSED' })
  }
  signal.delivered()
  assert.equal(errorAfter(119), 'ECONNREFUSED')
  signal.delivered()
  assert.equal(errorAfter(2), null)
  signal.failed({ error: 'HTTP 401' })
  assert.equal(errorAfter(300), 'HTTP 401')
})

test('counts the items of every queue in a snapshot', () => {
  const { signal } = quietly()
  let waiting = 3
  signal.addQueue(() => waiting)
  signal.addQueue(() => 2)
  signal.created(6)
  signal.delivered()
  assert.deepEqual(signal.snapshot(), {
    name: 'rollbar',
    destination: 'https://api.rollbar.com',
    because: 'ROLLBAR_ACCESS_TOKEN is set',
    created: 6,
    delivered: 1,
    queued: 5,
    dropped: {},
    lastError: null,
    lastStatus: null,
  })
  waiting = 0
  assert.equal(signal.snapshot().queued, 2)
})

test('shows no credentials in the public state of a signal', (t) => {
  t.after(() => keepSecret([]))
  keepSecret(['hcaik_0123456789', 'bat/leth-9'])
  const options = { name: 'spans', because: 'of a test', warn: () => {} }
  const signal = createSignal({ ...options, destination: 'https://me:pass@word-1@vendor/v1/traces?key=query-1#part-1' })
  assert.equal(signal.snapshot().destination, 'https://vendor/v1/traces')
  signal.setDestination({
    destination: 'https://me:password-2@logs/?key=query-2 › a#group › a stream',
    because: 'of a test',
  })
  assert.equal(signal.snapshot().destination, 'https://logs/ › a#group › a stream')
  signal.setDestination({ destination: 'https://vendor/hcaik_0123456789/x', because: 'of a test' })

  const errors = [
    'GET https://me:password-3@vendor/x?token=query-3 failed',
    'x-honeycomb-team: hcaik_0123456789 is unknown',
    'Authorization: Bearer bearer-1',
    'canonical string: host:logs x-amz-security-token:token-1 x-api-key=key-1',
    'password authentication failed for bat/leth-9 of worf@qonos.example.com',
  ]
  for (const error of errors) {
    signal.failed({ error })
    const all = JSON.stringify(signal.snapshot())
    assert.doesNotMatch(all, /password-|query-|hcaik|bearer-|token-1|key-1|leth|qonos|me:/, all)
  }
})

test('shows no credentials in a warning on stderr', async () => {
  const lines: string[] = []
  const warn = (line: string) => void lines.push(line)
  const signal = createSignal({ name: 'spans', destination: 'https://me:word@vendor/', because: 'of a test', warn })
  signal.failed({ error: 'GET https://me:word@vendor/?token=query' })
  await until(() => lines.length > 0)
  assert.equal(lines[0], 'spans → https://vendor/: 1 failed attempt; last error: GET https://[secret]@vendor/?token=…')
})
