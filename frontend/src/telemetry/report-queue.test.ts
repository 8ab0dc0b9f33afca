import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Report, ReportQueue, type SendReport } from './report-queue.ts'

const report = (thrown: string): Report => ({
  thrown,
  kind: 'uncaught',
  traceId: null,
  spanId: null,
  sessionId: null,
  userId: null,
  route: null,
  before: [],
})

test('reports added before the package is loaded are sent when it connects, in order', () => {
  const queue = new ReportQueue()
  const sent: unknown[] = []
  queue.add(report('first'))
  queue.add(report('second'))
  assert.equal(queue.state().queued, 2)
  queue.connect(({ thrown }, settle) => {
    sent.push(thrown)
    settle(null)
  })
  queue.add(report('third'))
  assert.deepEqual(sent, ['first', 'second', 'third'])
  assert.deepEqual(queue.state(), { created: 3, delivered: 3, queued: 0, dropped: {}, lastError: null })
})

test('a full queue drops new reports and counts them', () => {
  const queue = new ReportQueue()
  for (let number = 0; number < 25; number += 1) queue.add(report(String(number)))
  assert.deepEqual(queue.state(), {
    created: 25,
    delivered: 0,
    queued: 20,
    dropped: { queue_full: 5 },
    lastError: null,
  })
})

test('a report that cannot be built or is answered twice is counted once', () => {
  const queue = new ReportQueue()
  const ways: SendReport[] = [
    () => {
      throw new Error('broken')
    },
    (_report, settle) => {
      settle('http_401')
      settle(null)
    },
  ]
  for (const way of ways) {
    queue.connect(way)
    queue.add(report('a'))
  }
  assert.deepEqual(queue.state(), {
    created: 2,
    delivered: 0,
    queued: 0,
    dropped: { not_built: 1, http_401: 1 },
    lastError: 'http_401',
  })
})
