import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScrollMemory } from './scroll-memory.ts'

test('keeps the place of each history entry, and starts a new one at the top', () => {
  const memory = new ScrollMemory()
  memory.remember('a', 120.4)
  memory.remember('b', 7)
  assert.equal(memory.topOf('a'), 120)
  assert.equal(memory.topOf('b'), 7)
  assert.equal(memory.topOf('c'), 0)
})

test('keeps the places after a reload', () => {
  const memory = new ScrollMemory()
  memory.remember('a', 900)
  assert.equal(new ScrollMemory(memory.save()).topOf('a'), 900)
})

test('ignores saved text that it did not write', () => {
  for (const saved of ['nonsense', '{}', '[["a","b"],[1,2],null]'])
    assert.equal(new ScrollMemory(saved).topOf('a'), 0, saved)
})

test('keeps the latest 100 places', () => {
  const memory = new ScrollMemory()
  for (let entry = 0; entry <= 100; entry += 1) memory.remember(String(entry), entry + 1)
  assert.equal(memory.topOf('0'), 0)
  assert.equal(memory.topOf('100'), 101)
})
