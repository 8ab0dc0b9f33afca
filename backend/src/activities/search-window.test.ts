import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newest, oldest } from '../cursor.ts'
import { sampleSize, timesOf, windowSize, windowsFrom } from './search-window.ts'

const from = { ...newest, at: '2026-03-04T12:00:00.000Z' }
const sample = (near: number, minutes: number, examined = sampleSize) => ({
  examined,
  near,
  newest_at: new Date(from.at),
  oldest_at: new Date(Date.parse(from.at) - minutes * 60_000),
})
const minutesOf = (...[near, minutes, examined]: Parameters<typeof sample>) =>
  [...windowsFrom(from, sample(near, minutes, examined))].map(
    ({ until }) => until && (Date.parse(from.at) - Date.parse(until.at)) / 60_000,
  )

test('the first window is as long as the sample lets one expect, and each further one is much wider', () => {
  assert.deepEqual(minutesOf(sampleSize, 50), [10, 160], 'what all have')
  assert.deepEqual(minutesOf(5, 50), [1_000, 16_000], 'what one in a hundred has')
  assert.deepEqual(minutesOf(0, 50), [10_000, null], 'what none in the sample has')
  assert.deepEqual(minutesOf(0, 0), [1], 'a sample of one moment says nothing of time')
  assert.deepEqual(minutesOf(3, 50, sampleSize - 1), [null], 'there are no more than the sample')
})

test('so much is never read from the index that it could be felt, however many match it', () => {
  for (const near of [1, 5, 50, 500]) {
    const expected = minutesOf(near, 50).map((minutes) => (near * (minutes ?? 50 * 864)) / 50)
    assert.ok(Math.max(...expected) <= 20 * windowSize, `${near}: ${expected}`)
  }
})

test('a window is covered by a few words of time, none shorter than it must be', () => {
  const during = (ms: number) =>
    timesOf({ from, until: { ...oldest, at: new Date(Date.parse(from.at) - ms).toISOString() } })
  assert.equal(during(60_000), "'60s 29543759' | '60s 29543760'")
  const lengths: Record<string, number> = {}
  for (let ms = 60_000; ms <= 12 * 86_400_000; ms *= 1.3) {
    const words = during(ms)?.split(' | ') ?? []
    const [, length = '', first] = /'(\d+)s (\d+)'/.exec(words[0] ?? '') ?? []
    assert.ok(words.length <= 13 && words.length * Number(length) * 1_000 >= ms, `${ms}: ${words}`)
    assert.ok(Number(first) * Number(length) * 1_000 <= Date.parse(from.at) - ms)
    lengths[length] = Math.max(lengths[length] ?? 0, words.length)
  }
  assert.deepEqual(Object.keys(lengths).map(Number), [60, 600, 3_600, 21_600, 86_400])
  assert.equal(during(13 * 86_400_000), null)
  assert.equal(timesOf({ from, until: null }), null)
})
