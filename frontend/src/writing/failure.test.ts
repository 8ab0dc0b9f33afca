import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { failureOf } from './failure.ts'

test('waits when the server cannot be reached', () => {
  for (const code of ['offline', 'unreachable', 'unavailable', 'unreadable'] as const)
    assert.equal(failureOf(new ApiError(code, '')).state, 'waiting', code)
  assert.equal(failureOf(new DOMException('', 'TimeoutError')).state, 'waiting')
})

test('waits as long as the server asks', () => {
  const busy = new ApiError('too_many_requests', '', { retryAfterSeconds: 30 })
  assert.deepEqual([failureOf(busy).state, failureOf(busy).retryAfterMs], ['waiting', 30_000])
})

test('a refusal has the sentence of its field', () => {
  const tooLong = new ApiError('message_exceed_max_chars', 'in general', { fields: { message: 'This is too long.' } })
  assert.deepEqual(failureOf(tooLong), { state: 'refused', sentence: 'This is too long.', traceId: null })
  assert.equal(failureOf(new ApiError('forbidden', 'No.')).sentence, 'No.')
})

test('a fault of the server has its reference', () => {
  const fault = failureOf(new ApiError('internal', '', { traceId: 'abc' }))
  assert.deepEqual([fault.state, fault.traceId], ['refused', 'abc'])
})

test('waits for its author when the session has ended', () => {
  const { state, isSignedOut } = failureOf(new ApiError('unauthenticated', ''))
  assert.deepEqual([state, isSignedOut], ['waiting', true])
})

test('replaces a key that belongs to another text', () => {
  assert.equal(failureOf(new ApiError('conflict', '')).isKeySpent, true)
})
