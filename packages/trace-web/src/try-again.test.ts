import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryAgain } from './try-again.ts'

test('a failure is retried after waits that double up to five minutes, until it succeeds', async () => {
  const waits: number[] = []
  let failures = 11
  await tryAgain(
    async () => {
      if (failures-- > 0) throw new Error('no network')
    },
    async (ms) => void waits.push(ms / 1_000),
  )
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
})
