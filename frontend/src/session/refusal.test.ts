import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { refusalOf } from './refusal.ts'

const labels = { handle: 'Handle', password: 'Password' }

test('describes a wrong field in a sentence for that field', () => {
  const error = new ApiError('invalid_input', 'The request is not valid.', {
    fields: { password: 'must have at least 10 characters', handle: 'A handle is needed.' },
  })
  assert.deepEqual(refusalOf(error, labels), {
    fields: { password: 'Password must have at least 10 characters.', handle: 'A handle is needed.' },
    sentence: null,
    traceId: null,
  })
})

test('finds the field of an error code', () => {
  assert.match(refusalOf(new ApiError('handle_taken', 'Taken.'), labels).fields.handle ?? '', /taken/)
  assert.match(refusalOf(new ApiError('wrong_credentials', 'Wrong.'), labels).fields.password ?? '', /do not match/)
})

test('shows a sentence for the whole form when the wrong field is not in it', () => {
  const error = new ApiError('invalid_input', 'The request is not valid.', { fields: { origin: 'is odd' } })
  assert.deepEqual(refusalOf(error, labels).fields, {})
  assert.equal(refusalOf(error, labels).sentence, 'The request is not valid.')
})

test('says when to try again after too many attempts', () => {
  const after = (retryAfterSeconds: number | null) =>
    refusalOf(new ApiError('too_many_requests', 'Slow down.', { retryAfterSeconds }), labels).sentence
  assert.equal(after(42), 'Too many attempts. Try again in 42 seconds.')
  assert.equal(after(1), 'Too many attempts. Try again in 1 second.')
  assert.equal(after(null), 'Too many attempts. Try again in a moment.')
})

test('shows a reference only for a server fault', () => {
  const traceId = 'a'.repeat(32)
  assert.equal(refusalOf(new ApiError('internal', 'Broken.', { traceId }), labels).traceId, traceId)
  assert.equal(refusalOf(new ApiError('forbidden', 'No.', { traceId }), labels).traceId, null)
})
