import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ticksOf } from './axis.ts'

test('ticks are round numbers, about as many as wanted', () => {
  assert.deepEqual(ticksOf(40, 5), [0, 10, 20, 30, 40])
  assert.deepEqual(ticksOf(730, 5), [0, 200, 400, 600])
})

test('a trace without length has one tick', () => {
  assert.deepEqual(ticksOf(0, 5), [0])
  assert.deepEqual(ticksOf(Number.NaN, 5), [0])
})
