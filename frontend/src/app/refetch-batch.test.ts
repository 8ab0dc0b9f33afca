import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { RefetchBatch } from './refetch-batch.ts'

const waitMs = 20

const createBatch = (isBusy: () => boolean = () => false) => {
  const fetched: string[] = []
  const batch = new RefetchBatch<string>((refetches) => {
    if (isBusy()) return refetches
    for (const { key, causes } of refetches) fetched.push(`${key.join(' ')}: ${[...causes].join(' ')}`)
    return []
  }, waitMs)
  return { batch, fetched }
}

test('fetches a key once for all causes within a moment', async () => {
  const { batch, fetched } = createBatch()
  for (let n = 0; n < 50; n++) batch.add(['unread'], [n % 2 === 0 ? 'a' : 'b'])
  batch.add(['messages', 'groups'], ['c'])
  assert.deepEqual(fetched, [])
  await setTimeout(3 * waitMs)
  assert.deepEqual(fetched, ['unread: a b', 'messages groups: c'])
  batch.add(['unread'], ['d'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(fetched.slice(2), ['unread: d'])
})

test('fetches nothing after it was cancelled', async () => {
  const { batch, fetched } = createBatch()
  batch.add(['unread'], ['a'])
  batch.cancel()
  await setTimeout(3 * waitMs)
  assert.deepEqual(fetched, [])
})

test('tries a busy key again in the next batch, with all its causes', async () => {
  let isBusy = true
  const { batch, fetched } = createBatch(() => isBusy)
  batch.add(['messages', 'groups'], ['a'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(fetched, [])
  batch.add(['messages', 'groups'], ['b'])
  isBusy = false
  await setTimeout(3 * waitMs)
  assert.deepEqual(fetched, ['messages groups: a b'])
})
