import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from './api-error.ts'
import { troubleOf } from './trouble-words.ts'

const sentenceFor = (error: Error) =>
  troubleOf('the feed', { data: undefined, error, isFetching: false, refetch: async () => {} }).children

test('says that an error was logged only when the server has logged it', () => {
  assert.match(sentenceFor(new ApiError('internal', 'Broken.')), /We have logged it/)
  assert.equal(sentenceFor(new ApiError('forbidden', 'This is not yours.')), 'This is not yours.')
  assert.equal(
    sentenceFor(new ApiError('unreadable', 'Cruddur sent an unexpected answer.')),
    'Cruddur sent an unexpected answer.',
  )
  assert.equal(sentenceFor(new TypeError('x is not a function')), 'Something went wrong on this page.')
})
