import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action } from '../telemetry/index.ts'
import { withAction } from './action-history.ts'

const action = (spanId: string, requests = 1): Action => ({
  name: 'click like',
  traceId: 'a'.repeat(32),
  spanId,
  startMs: 0,
  durationMs: 1,
  times: null,
  requests,
  failed: false,
})

test('the newest action stands first', () => {
  const list = withAction(withAction([], action('1')), action('2'))
  assert.deepEqual(
    list.map(({ spanId }) => spanId),
    ['2', '1'],
  )
})

test('more answers of an action change it where it stands', () => {
  const list = withAction([action('2'), action('1')], action('1', 3))
  assert.deepEqual(
    list.map(({ spanId, requests }) => [spanId, requests]),
    [
      ['2', 1],
      ['1', 3],
    ],
  )
})

test('the list does not grow for ever', () => {
  let list: readonly Action[] = []
  for (let n = 0; n < 40; n += 1) list = withAction(list, action(String(n)))
  assert.equal(list.length, 8)
  assert.equal(list[0]?.spanId, '39')
})
