import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeOf } from './relay-exporter.ts'

test('what the relay rejected of a batch is read from its answer', () => {
  assert.deepEqual(outcomeOf(200, null, '{}'), { is: 'delivered', rejected: 0, problem: null })
  assert.deepEqual(outcomeOf(200, null, ''), { is: 'delivered', rejected: 0, problem: null })
  assert.deepEqual(
    outcomeOf(200, null, '{"partialSuccess":{"rejectedSpans":"3","errorMessage":"a span has no name"}}'),
    { is: 'delivered', rejected: 3, problem: 'a span has no name' },
  )
})

test('only what OTLP calls retryable is tried again, and not before the relay says', () => {
  for (const status of [429, 502, 503, 504])
    assert.deepEqual(outcomeOf(status, '7', ''), { is: 'unsent', problem: `HTTP ${status}`, retryAfterMs: 7_000 })
  for (const status of [400, 403, 404, 408, 413, 415, 500])
    assert.deepEqual(outcomeOf(status, '7', ''), { is: 'refused', problem: `HTTP ${status}` })
})

test('the time to wait may be a date, or missing', () => {
  const inAMinute = new Date(Date.now() + 60_000).toUTCString()
  const outcome = outcomeOf(503, inAMinute, '')
  assert.ok(outcome.is === 'unsent' && Math.abs(outcome.retryAfterMs - 60_000) < 2_000)
  for (const odd of [null, '', 'soon', '-5'])
    assert.deepEqual(outcomeOf(503, odd, ''), { is: 'unsent', problem: 'HTTP 503', retryAfterMs: 0 })
})
