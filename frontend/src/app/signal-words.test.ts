import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountOf, destinationOf, hintOf, problemOf, type SignalAccounts, statusOf } from './signal-words.ts'

const healthy: SignalAccounts = {
  name: 'spans',
  destination: 'https://api.honeycomb.io/v1/traces',
  because: 'HONEYCOMB_API_KEY is set',
  created: 12,
  delivered: 12,
  queued: 0,
  dropped: {},
  lastError: null,
  lastStatus: 200,
}
const wordOf = (differently: Partial<SignalAccounts>) => statusOf({ ...healthy, ...differently }).word

test('sums up a signal in a word', () => {
  assert.equal(wordOf({}), 'Good')
  assert.equal(wordOf({ destination: null }), 'Off')
  assert.equal(wordOf({ created: 0, delivered: 0, lastStatus: null }), 'Nothing yet')
  assert.equal(wordOf({ lastError: 'HTTP 401', lastStatus: 401, delivered: 0, dropped: { http_401: 12 } }), 'Trouble')
  assert.equal(wordOf({ lastError: 'ECONNREFUSED', queued: 3, delivered: 9 }), 'Trouble')
  assert.equal(wordOf({ delivered: 10, dropped: { repeated: 2 } }), 'Some dropped')
  assert.equal(wordOf({ delivered: 2, dropped: { not_sampled: 10, refused_request: 3 } }), 'Good')
})

test('shows the last error after a signal has recovered', () => {
  const recovered = { ...healthy, lastError: 'ECONNREFUSED' }
  assert.equal(statusOf(recovered).word, 'Good again')
  assert.equal(problemOf(recovered), 'Last error: ECONNREFUSED; last answer: 200')
  assert.equal(problemOf({ ...healthy, lastError: 'HTTP 401', lastStatus: 401 }), 'Last error: HTTP 401')
  assert.equal(problemOf(healthy), null)
})

test('calls a signal with old losses neither good nor in trouble', () => {
  const outage = { ...healthy, delivered: 9, queued: 3, lastError: 'ECONNREFUSED' }
  const back = { ...outage, delivered: 10, queued: 0, dropped: { queue_full: 2 } }
  assert.equal(statusOf(outage).tone, 'trouble')
  assert.equal(statusOf(back).tone, 'good')
  assert.deepEqual(statusOf({ ...back, lastError: null }), { word: 'Some dropped', tone: 'off' })
})

test('counts the dropped items for each reason, and leaves out zeros', () => {
  assert.equal(accountOf(healthy), '12 created · 12 delivered')
  assert.equal(
    accountOf({ ...healthy, delivered: 5, queued: 3, dropped: { queue_full: 3, http_401: 1, busy: 0 } }),
    '12 created · 5 delivered · 3 queued · 4 dropped (3 queue full, 1 http 401)',
  )
})

test('says where a signal goes and why, or why it is off', () => {
  assert.equal(destinationOf(healthy), 'To api.honeycomb.io, because HONEYCOMB_API_KEY is set.')
  assert.equal(
    destinationOf({ ...healthy, destination: '/relay/v1/traces' }),
    'To /relay/v1/traces, because HONEYCOMB_API_KEY is set.',
  )
  assert.equal(
    destinationOf({ ...healthy, destination: 'http://localhost:4318 › cruddur › stream' }),
    'To localhost:4318 › cruddur › stream, because HONEYCOMB_API_KEY is set.',
  )
  assert.equal(
    destinationOf({ ...healthy, destination: null, because: 'OTEL_LOGS_EXPORTER is none' }),
    'Nothing is sent, because OTEL_LOGS_EXPORTER is none.',
  )
})

test('says that losses over UDP cannot be seen', () => {
  assert.equal(hintOf({ ...healthy, destination: 'udp://127.0.0.1:2000' }), 'UDP: losses cannot be seen.')
  assert.equal(hintOf(healthy), null)
})
