import assert from 'node:assert/strict'
import { test } from 'node:test'
import { traceUrl } from './trace-url.ts'

const action = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startMs: 1_000_500, durationMs: 800 }

test('fills the ids and a wide enough time window into the template', () => {
  assert.equal(
    traceUrl('https://ui.example/t/{traceId}?span={spanId}&from={startSeconds}&to={endSeconds}', action),
    `https://ui.example/t/${'a'.repeat(32)}?span=${'b'.repeat(16)}&from=940&to=1062`,
  )
})

test('makes no link from a template that is not a web address', () => {
  assert.equal(traceUrl('javascript:alert({traceId})', action), null)
  assert.equal(traceUrl(null, action), null)
})
