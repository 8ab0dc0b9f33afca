import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isExpired, shareLeft, timeAgo, timeLeft } from './relative-time.ts'

const now = Date.parse('2026-11-20T12:00:00.000Z')
const from = (ms: number) => new Date(now + ms).toISOString()
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

test('shows an age in its largest whole unit', () => {
  assert.equal(timeAgo(from(-59_000), now), 'just now')
  assert.equal(timeAgo(from(-minute), now), '1 minute ago')
  assert.equal(timeAgo(from(-59.9 * minute), now), '59 minutes ago')
  assert.equal(timeAgo(from(-hour), now), '1 hour ago')
  assert.equal(timeAgo(from(-2 * day), now), '2 days ago')
})

test('shows a time in the future as just now', () => {
  assert.equal(timeAgo(from(3_000), now), 'just now')
})

test('rounds a moment less than five days to five days', () => {
  assert.equal(timeLeft(from(5 * day - 900), now), '5 days left')
  assert.equal(timeLeft(from(12 * hour - 900), now), '12 hours left')
})

test('never rounds to 60 minutes or 24 hours', () => {
  assert.equal(timeLeft(from(59.6 * minute), now), '1 hour left')
  assert.equal(timeLeft(from(23.6 * hour), now), '1 day left')
  assert.equal(timeLeft(from(59_400), now), '1 minute left')
})

test('counts the last minute in seconds', () => {
  assert.equal(timeLeft(from(42_000), now), '42 seconds left')
  assert.equal(timeLeft(from(1), now), '1 second left')
  assert.equal(timeLeft(from(0), now), 'expired')
})

test('expires at the exact time', () => {
  assert.equal(isExpired(from(1), now), false)
  assert.equal(isExpired(from(0), now), true)
})

test('keeps the share of time left between 0 and 1', () => {
  assert.equal(shareLeft(from(-day), from(day), now), 0.5)
  assert.equal(shareLeft(from(minute), from(day), now), 1)
  assert.equal(shareLeft(from(-day), from(-hour), now), 0)
  assert.equal(shareLeft(from(0), from(0), now), 0)
})
