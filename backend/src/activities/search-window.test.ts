import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newest, oldest } from '../cursor.ts'
import { mostReached, sampleSize, timesOf, windowSize, windowsFrom } from './search-window.ts'

const from = { ...newest, at: '2026-03-04T12:00:00.000Z' }
const before = (minutes: number) => new Date(Date.parse(from.at) - minutes * 60_000)
/** How long the windows are, in minutes, where the window that the sample lets one expect reaches back so far. */
const minutesOf = (near: number, minutes: number, reached: number, isPhrase = false) =>
  [...windowsFrom(from, { near, is_phrase: isPhrase, newest_at: before(0), reached, reached_at: before(minutes) })].map(
    ({ until }) => Math.round((Date.parse(from.at) - Date.parse(until.at)) / 60_000),
  )
/** No crud is older than thirty days. */
const all = 30 * 1_440

test('the first window is as long as the sample lets one expect, each further one is much longer, the last one has all', () => {
  assert.deepEqual(minutesOf(sampleSize, 50, windowSize), [50, 2_500, all], 'what all have')
  assert.deepEqual(minutesOf(25, 50, mostReached), [50, 2_500, all], 'what one in twenty has')
  assert.deepEqual(minutesOf(5, 50, mostReached), [250, 12_500, all], 'what one in a hundred has')
  assert.deepEqual(minutesOf(0, 50, mostReached), [2_500, all], 'what none in the sample has')
  assert.deepEqual(minutesOf(0, 1_000, mostReached), [all], 'what would be more than all')
  assert.deepEqual(minutesOf(0, 50, mostReached - 1), [50], 'there are no more')
  assert.deepEqual(minutesOf(sampleSize, 50, windowSize - 1), [50], 'there are no more than the window would hold')
  assert.deepEqual([...new Set(minutesOf(25, 0, mostReached))].slice(0, 3), [0, 2, 104], 'all at one moment')
})

test('for a phrase so much is never read that it could be felt, however few have it', () => {
  for (const near of [0.5, 1, 5, 50, 500]) {
    const reached = Math.min(mostReached, Math.floor((windowSize * sampleSize) / Math.max(near, 1)))
    const expected = minutesOf(near, 50, reached, true).map((minutes) => ((minutes / 50) * reached * near) / sampleSize)
    assert.ok(expected.length > 0 && Math.max(...expected) <= 7 * windowSize, `${near}: ${expected}`)
  }
})

test('a window is covered by a few words of time, none shorter than it must be', () => {
  const during = (ms: number) =>
    timesOf({ from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() } })
  assert.equal(during(60_000), "'60s 29543759' | '60s 29543760'")
  const mostOf: Record<string, number> = {}
  for (let ms = 60_000; ms <= 30 * 86_400_000; ms *= 1.3) {
    const words = during(ms).split(' | ')
    const [, length = '', first] = /'(\d+)s (\d+)'/.exec(words[0] ?? '') ?? []
    assert.ok(words.length * Number(length) * 1_000 >= ms, `${ms}: ${words}`)
    assert.ok(Number(first) * Number(length) * 1_000 <= Date.parse(from.at) - ms)
    mostOf[length] = Math.max(mostOf[length] ?? 0, words.length)
  }
  const { '86400': days = 0, ...shorter } = mostOf
  assert.deepEqual(Object.keys(shorter).map(Number), [60, 600, 3_600, 21_600])
  assert.ok(Object.values(shorter).every((words) => words <= 13) && days <= 31)
  assert.equal(during(9e12).split(' | ').length, 31, 'no longer than anything lives')
  assert.equal(during(-9e12).split(' | ').length, 1, 'nor without any bound')
})
