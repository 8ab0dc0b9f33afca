import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBackground, inTrace, withInteraction } from './interactions.ts'

test('runs the work of the page when telemetry could not start', async () => {
  const answer = async () => 'an answer'
  assert.equal(await inTrace('page background', answer), 'an answer')
  assert.equal(await inBackground('page background', answer), 'an answer')
  assert.equal(await withInteraction('outbox send waiting', answer), 'an answer')
})
