import assert from 'node:assert/strict'
import { test } from 'node:test'
import { span } from '../testing/spans.ts'
import { splitFetch } from './network.ts'

const fetch = (fields: Partial<Parameters<typeof span>[0]> = {}) =>
  span({ id: 'fetch', kind: 'client', service: 'cruddur-frontend', startMs: 1000, durationMs: 30, ...fields })
const server = span({ id: 'server', parent: 'fetch', kind: 'server', startMs: 4000, durationMs: 20 })

const drawn = (split: ReturnType<typeof splitFetch>) => split?.parts.map((part) => [part.what, part.fromMs, part.toMs])

test('time outside the server counts as network time', () => {
  const split = splitFetch(fetch(), server)
  assert.equal(split?.networkMs, 10)
  assert.equal(split?.serverMs, 20)
  assert.deepEqual(drawn(split), [
    ['request', 0, 5],
    ['server', 5, 25],
    ['answer', 25, 30],
  ])
})

test('the page’s own measurement wins, with its times of sending, waiting and downloading', () => {
  const attributes = {
    'app.before_send_ms': 3,
    'app.network_ms': 9,
    'app.server_ms': 18,
    'app.connect_ms': 1,
    'app.wait_ms': 22,
    'app.download_ms': 4,
  }
  const split = splitFetch(fetch({ attributes }), server)
  assert.deepEqual([split?.beforeMs, split?.networkMs, split?.serverMs], [3, 9, 18])
  assert.deepEqual(drawn(split), [
    ['before', 0, 3],
    ['request', 3, 6],
    ['server', 6, 24],
    ['answer', 24, 26],
    ['download', 26, 30],
  ])
})

test('a server time longer than the fetch fills the bar, and no part is negative', () => {
  const split = splitFetch(
    fetch({ attributes: { 'app.server_ms': 50, 'app.wait_ms': 10, 'app.download_ms': 5 } }),
    server,
  )
  assert.deepEqual(drawn(split), [['server', 0, 30]])
  assert.deepEqual([split?.beforeMs, split?.networkMs, split?.serverMs], [null, 0, 30])
})

test('the server’s part lies where its span is drawn, but always inside the fetch', () => {
  const attributes = { 'app.before_send_ms': 6, 'app.server_ms': 20 }
  assert.deepEqual(drawn(splitFetch(fetch({ attributes }), server, 5.5)), [
    ['before', 0, 5.5],
    ['server', 5.5, 25.5],
    ['answer', 25.5, 30],
  ])
  assert.deepEqual(drawn(splitFetch(fetch({ attributes }), server, 12))?.at(-1), ['server', 10, 30])
  assert.deepEqual(drawn(splitFetch(fetch({ attributes }), server, -1))?.[0], ['server', 0, 20])
})

test('before, network and server add up to the fetch, whatever was measured', () => {
  for (const before of [0, 6.5, 29, 31]) {
    for (const served of [0, 8, 30, 50]) {
      const attributes = { 'app.before_send_ms': before, 'app.network_ms': 4, 'app.server_ms': served }
      const split = splitFetch(fetch({ attributes }), undefined)
      assert.ok(split && split.beforeMs !== null && split.beforeMs >= 0 && split.networkMs >= 0)
      assert.equal(split.beforeMs + split.networkMs + split.serverMs, 30)
    }
  }
})

test('parts follow each other without a gap', () => {
  for (const wait of [0, 1, 10, 29, 30]) {
    for (const download of [0, 0.5, 20]) {
      const attributes = { 'app.server_ms': 20, 'app.wait_ms': wait, 'app.download_ms': download }
      const parts = splitFetch(fetch({ attributes }), undefined)?.parts ?? []
      assert.equal(parts[0]?.fromMs, 0)
      assert.equal(parts.at(-1)?.toMs, 30)
      for (let at = 1; at < parts.length; at++) assert.equal(parts[at]?.fromMs, parts[at - 1]?.toMs)
    }
  }
})

test('a fetch without an answer is not split, nor is another kind of span', () => {
  assert.equal(splitFetch(fetch(), undefined), null)
  assert.equal(splitFetch(span({ id: 'x', kind: 'internal' }), server), null)
})
