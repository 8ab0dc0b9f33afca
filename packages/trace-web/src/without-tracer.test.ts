import './testing.ts'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  currentCause,
  currentTraceId,
  inBackground,
  inTrace,
  pageSignals,
  setRoute,
  setUser,
  withInteraction,
} from './index.ts'

test('without startPage, as in a test of a component, every function only runs its callback', async () => {
  setUser('worf')
  setRoute('/crud/:uuid')
  assert.equal(currentTraceId(), null)
  assert.equal(currentCause(), null)
  assert.equal(
    inTrace('poll', () => 1),
    1,
  )
  assert.equal(await withInteraction('scroll', async () => 2), 2)
  await assert.rejects(
    inBackground('live', () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.deepEqual(
    pageSignals().map(({ name, created }) => [name, created]),
    [['spans of this page', 0]],
  )
})
