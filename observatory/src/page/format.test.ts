import assert from 'node:assert/strict'
import { test } from 'node:test'
import { age, bytes, count, duration, eventTitle, offset, tick } from './format.ts'

test('durations have three digits and a fitting unit', () => {
  assert.deepEqual([0, 0.4213, 9.999, 12.34, 340.4, 999.7, 3001, 125_000].map(duration), [
    '0 ms',
    '0.42 ms',
    '10.0 ms',
    '12.3 ms',
    '340 ms',
    '1.00 s',
    '3.00 s',
    '2 min 5 s',
  ])
})

test('clock offsets have a sign', () => {
  assert.deepEqual([3001.24, -0.5, 0].map(offset), ['+3,001.2 ms', '−0.5 ms', '+0.0 ms'])
})

test('tick labels have only the digits that the step needs', () => {
  assert.deepEqual(
    [tick(0, 5), tick(5, 5), tick(0.5, 0.5), tick(1500, 500), tick(2000, 1000)],
    ['0', '5 ms', '0.5 ms', '1.5 s', '2 s'],
  )
})

test('ages, sizes and counts read as words', () => {
  assert.deepEqual([-5, 1000, 5000, 120_000, 7_200_000, 200_000_000].map(age), [
    'just now',
    'just now',
    '5 s ago',
    '2 min ago',
    '2 h ago',
    '2 d ago',
  ])
  assert.deepEqual([bytes(2048), bytes(64 * 1024 * 1024)], ['2 KiB', '64.0 MiB'])
  assert.deepEqual([count(1, 'span'), count(1234, 'span')], ['1 span', '1,234 spans'])
})

test('a web vital is titled by its value, other events by their name', () => {
  const vital = (name: string, value: number) => ({
    name: 'browser.web_vital',
    attributes: {
      'browser.web_vital.name': name,
      'browser.web_vital.value': value,
      'browser.web_vital.rating': 'good',
    },
  })
  assert.equal(eventTitle(vital('lcp', 812.3)), 'LCP 812 ms, good')
  assert.equal(eventTitle(vital('cls', 0.0123)), 'CLS 0.012, good')
  assert.equal(eventTitle({ name: 'exception', attributes: {} }), 'exception')
})
