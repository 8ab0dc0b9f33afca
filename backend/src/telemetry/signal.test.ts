import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
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

test('trouble is one line when it begins and one a minute while it lasts, with the count of what it stands for', (t) => {
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

test('a snapshot counts what is held where it is held', () => {
  const { signal } = quietly()
  let waiting = 3
  signal.holds(() => waiting)
  signal.holds(() => 2)
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
