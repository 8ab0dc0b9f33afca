import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PastAction, withAction } from './action-history.ts'

const action = (spanId: string, requests = 1): PastAction => ({
  name: 'click like',
  traceId: 'a'.repeat(32),
  spanId,
  startMs: 0,
  durationMs: 1,
  times: null,
  requests,
  failed: false,
  userName: null,
})

test('lists the newest action first', () => {
  const list = withAction(withAction([], action('1')), action('2'))
  assert.deepEqual(
    list.map(({ spanId }) => spanId),
    ['2', '1'],
  )
})

test('updates an action in its place when more answers come', () => {
  const list = withAction([action('2'), action('1')], action('1', 3))
  assert.deepEqual(
    list.map(({ spanId, requests }) => [spanId, requests]),
    [
      ['2', 1],
      ['1', 3],
    ],
  )
})

test('keeps the latest eight actions', () => {
  let list: readonly PastAction[] = []
  for (let n = 0; n < 40; n += 1) list = withAction(list, action(String(n)))
  assert.equal(list.length, 8)
  assert.equal(list[0]?.spanId, '39')
})
