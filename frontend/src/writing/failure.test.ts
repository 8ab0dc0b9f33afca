import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { verdictOn } from './failure.ts'

test('whatever keeps it from arriving makes it wait', () => {
  for (const code of ['offline', 'unreachable', 'unavailable', 'unreadable'] as const)
    assert.equal(verdictOn(new ApiError(code, '')).state, 'waiting', code)
  assert.equal(verdictOn(new DOMException('', 'TimeoutError')).state, 'waiting')
})

test('who is asked to wait waits as long as asked', () => {
  const busy = new ApiError('too_many_requests', '', { retryAfterSeconds: 30 })
  assert.deepEqual([verdictOn(busy).state, verdictOn(busy).retryAfterMs], ['waiting', 30_000])
})

test('a refusal comes back with the sentence of its field', () => {
  const tooLong = new ApiError('message_exceed_max_chars', 'in general', { fields: { message: 'This is too long.' } })
  assert.deepEqual(verdictOn(tooLong), { state: 'refused', sentence: 'This is too long.', traceId: null })
  assert.equal(verdictOn(new ApiError('forbidden', 'No.')).sentence, 'No.')
})

test('a fault of ours comes back with its reference', () => {
  const fault = verdictOn(new ApiError('internal', '', { traceId: 'abc' }))
  assert.deepEqual([fault.state, fault.traceId], ['refused', 'abc'])
})

test('a session that is over makes it wait for its author', () => {
  const { state, isSignedOut } = verdictOn(new ApiError('unauthenticated', ''))
  assert.deepEqual([state, isSignedOut], ['waiting', true])
})

test('a key that was used for another text is not used again', () => {
  assert.equal(verdictOn(new ApiError('conflict', '')).isKeySpent, true)
})
