import assert from 'node:assert/strict'
import { test } from 'node:test'
import { milliseconds, splitOf, traceUrl, wordsOf } from './action-words.ts'

test('an action is told in the words of whoever did it', () => {
  assert.equal(wordsOf({ name: 'click like', failed: false }), 'Liked')
  assert.equal(wordsOf({ name: 'click like', failed: true }), 'Like failed')
  assert.equal(wordsOf({ name: 'scroll load more', failed: false }), 'More loaded')
  assert.equal(wordsOf({ name: 'navigate /crud/:uuid', failed: false }), 'Page opened')
})

test('an action that nobody found words for keeps its name', () => {
  assert.equal(wordsOf({ name: 'click button Save', failed: false }), 'Button Save')
})

const split = (networkMs: number, serverMs: number, pageMs: number) =>
  splitOf({ durationMs: networkMs + serverMs + pageMs, times: { networkMs, serverMs, pageMs } })

test('network and server are told apart only when the server said how long it took', () => {
  assert.equal(split(9.4, 20.6, 3.6), 'network 9 · server 21 · page 4')
  assert.equal(splitOf({ durationMs: 33.6, times: null }), null)
  assert.equal(milliseconds(33.6), '34\u00a0ms')
})

test('the parts add up to the whole that is shown', () => {
  for (const [networkMs, serverMs, pageMs] of [
    [2.5, 2.5, 0.5],
    [0.4, 0.4, 0.4],
    [4.5, 8.49, 3.6],
    [0, 7.5, 0],
  ] as const) {
    const shown = (split(networkMs, serverMs, pageMs)?.match(/\d+/g) ?? []).map(Number)
    assert.equal(shown.length, 3)
    assert.equal(
      shown.reduce((sum, ms) => sum + ms),
      Math.round(networkMs + serverMs + pageMs),
    )
  }
})

const action = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startMs: 1_000_500, durationMs: 800 }

test('the link to a trace holds its ids and a window that is wide enough', () => {
  assert.equal(
    traceUrl('https://ui.example/t/{traceId}?span={spanId}&from={startSeconds}&to={endSeconds}', action),
    `https://ui.example/t/${'a'.repeat(32)}?span=${'b'.repeat(16)}&from=940&to=1062`,
  )
})

test('a template that is no web address makes no link', () => {
  assert.equal(traceUrl('javascript:alert({traceId})', action), null)
  assert.equal(traceUrl(null, action), null)
})
