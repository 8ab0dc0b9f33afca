import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newest, oldest } from '../cursor.ts'
import { type Sample, sampledOfWindow, sampleSize, timesOf, windowsFrom } from './search-window.ts'

const from = { ...newest, at: '2026-03-04T12:00:00.000Z' }
const before = (minutes: number) => new Date(Date.parse(from.at) - minutes * 60_000)
/** How long the windows are, in minutes, where the sample goes back an hour. */
const minutesOf = (near: number, sample: Partial<Sample> = {}) =>
  [
    ...windowsFrom(from, {
      newest_at: before(0),
      looked_at: sampleSize,
      oldest_at: before(60),
      near,
      reached_at: null,
      is_phrase: false,
      ...sample,
    }),
  ].map(({ until }) => Math.round((Date.parse(from.at) - Date.parse(until.at)) / 60_000))
/** No crud is older than thirty days. */
const all = 30 * 1_440

test('the first window is as long as the sample lets one expect, each further one is much longer, the last one has all', () => {
  assert.deepEqual(minutesOf(900, { reached_at: before(2) }), [2, 100, 5_000, all], 'enough of the sample has it')
  assert.deepEqual(minutesOf(sampledOfWindow - 1), [65, 3_250, all], 'nearly enough has it')
  assert.deepEqual(minutesOf(2), [390, 19_500, all], 'hardly any has it')
  assert.deepEqual(minutesOf(0), [1_560, all], 'none has it')
  assert.deepEqual(minutesOf(0, { oldest_at: before(2_000) }), [all], 'that would be more than all')
  assert.deepEqual([...new Set(minutesOf(25, { reached_at: before(0) }))].slice(0, 3), [0, 2, 104], 'all at one moment')
})

test('where the sample has nearly all there is, no more is expected of a longer window', () => {
  const few = { looked_at: 30 }
  assert.deepEqual(minutesOf(20, { ...few, reached_at: before(40) }), [40, all])
  assert.deepEqual(minutesOf(1, few), [all])
  assert.deepEqual(minutesOf(0, { looked_at: 0, oldest_at: null }), [all])
})

test('a phrase is looked for twice at most, among more than its words alone would be', () => {
  assert.deepEqual(minutesOf(sampledOfWindow, { is_phrase: true }), [120, 480])
  assert.deepEqual(minutesOf(500, { is_phrase: true, reached_at: before(10) }), [10, 40])
  assert.deepEqual(minutesOf(2, { is_phrase: true, looked_at: 30 }), [all])
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
