import assert from 'node:assert/strict'
import { test } from 'node:test'
import { milliseconds, splitOf, wordsOf } from './action-words.ts'

const words = (name: string, failed = false, userName: string | null = null) => wordsOf({ name, failed, userName })

test('names each action, and says when it failed', () => {
  assert.equal(words('click like'), 'Liked')
  assert.equal(words('click like', true), 'Like failed')
  assert.equal(words('click retry', true), 'Retry failed')
  assert.equal(words('scroll load more'), 'More loaded')
  assert.equal(words('navigate /crud/:uuid'), 'Page opened')
})

test('names the demo person', () => {
  assert.equal(words('click act as', false, 'Worf'), 'Now acting as Worf')
  assert.equal(words('click act as', true, 'Worf'), 'Switching failed')
})

test('shows the name of an action that has no words', () => {
  assert.equal(words('click button Save'), 'Button Save')
})

const split = (networkMs: number, serverMs: number, pageMs: number) =>
  splitOf({ durationMs: networkMs + serverMs + pageMs, times: { networkMs, serverMs, pageMs } })

test('splits the time only when the server said how long it took', () => {
  assert.equal(split(9.4, 20.6, 3.6), 'network 9 · server 21 · page 4')
  assert.equal(splitOf({ durationMs: 33.6, times: null }), null)
  assert.equal(milliseconds(33.6), '34\u00a0ms')
})

test('shows parts that add up to the whole', () => {
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
