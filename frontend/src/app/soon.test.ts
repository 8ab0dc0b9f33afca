import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Soon } from './soon.ts'

const waitMs = 20

test('many wishes for the same, one after the other, are one reading', async () => {
  const read: string[] = []
  const soon = new Soon((key) => read.push(key.join(' ')) > 0, waitMs)
  for (let n = 0; n < 50; n++) soon.ask(['unread'])
  soon.ask(['messages', 'groups'])
  assert.deepEqual(read, [])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, ['unread', 'messages groups'])
  soon.ask(['unread'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, ['unread', 'messages groups', 'unread'])
})

test('what was called off is not read', async () => {
  const read: string[] = []
  const soon = new Soon((key) => read.push(key.join(' ')) > 0, waitMs)
  soon.ask(['unread'])
  soon.cancel()
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, [])
})

test('what cannot be read just now is read when it can be', async () => {
  const read: string[] = []
  let isBusy = true
  const soon = new Soon((key) => !isBusy && read.push(key.join(' ')) > 0, waitMs)
  soon.ask(['messages', 'groups'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, [])
  isBusy = false
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, ['messages groups'])
})
