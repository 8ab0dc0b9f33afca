import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from './relay-exporter.ts'

test("the number of rejected spans is read from the relay's answer", () => {
  assert.deepEqual(outcomeOf(200, null, '{}'), { is: 'delivered', rejected: 0, problem: null })
  assert.deepEqual(outcomeOf(200, null, ''), { is: 'delivered', rejected: 0, problem: null })
  assert.deepEqual(
    outcomeOf(200, null, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"a span has no name"}}'),
    { is: 'delivered', rejected: 3, problem: 'a span has no name' },
  )
})

test('only the answers that OTLP calls retryable are retried, after the time that the relay names', () => {
  for (const status of [429, 502, 503, 504])
    assert.deepEqual(outcomeOf(status, '7', ''), { is: 'unsent', problem: `HTTP ${status}`, retryAfterMs: 7_000 })
  for (const status of [400, 403, 404, 408, 413, 415, 500])
    assert.deepEqual(outcomeOf(status, '7', ''), { is: 'refused', problem: `HTTP ${status}`, reason: 'refused' })
})

test('Retry-After may be a date, or missing', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 10, 29) })
  const inAMinute = new Date(Date.now() + 60_000).toUTCString()
  assert.deepEqual(outcomeOf(503, inAMinute, ''), { is: 'unsent', problem: 'HTTP 503', retryAfterMs: 60_000 })
  for (const odd of [null, '', 'later', '-5'])
    assert.deepEqual(outcomeOf(503, odd, ''), { is: 'unsent', problem: 'HTTP 503', retryAfterMs: 0 })
})
