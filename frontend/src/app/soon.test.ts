import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Soon } from './soon.ts'

const waitMs = 20

/** Notes what was read, and for which causes. */
const createSoon = (isBusy: () => boolean = () => false) => {
  const read: string[] = []
  const soon = new Soon<string>((wishes) => {
    if (isBusy()) return wishes
    for (const { key, causes } of wishes) read.push(`${key.join(' ')}: ${[...causes].join(' ')}`)
    return []
  }, waitMs)
  return { soon, read }
}

test('many wishes for the same within a moment are one reading, for all their causes', async () => {
  const { soon, read } = createSoon()
  for (let n = 0; n < 50; n++) soon.ask(['unread'], [n % 2 === 0 ? 'a' : 'b'])
  soon.ask(['messages', 'groups'], ['c'])
  assert.deepEqual(read, [])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, ['unread: a b', 'messages groups: c'])
  soon.ask(['unread'], ['d'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read.slice(2), ['unread: d'])
})

test('what was called off is not read', async () => {
  const { soon, read } = createSoon()
  soon.ask(['unread'], ['a'])
  soon.cancel()
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, [])
})

test('what cannot be read just now is read when it can be, and keeps its causes', async () => {
  let isBusy = true
  const { soon, read } = createSoon(() => isBusy)
  soon.ask(['messages', 'groups'], ['a'])
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, [])
  soon.ask(['messages', 'groups'], ['b'])
  isBusy = false
  await setTimeout(3 * waitMs)
  assert.deepEqual(read, ['messages groups: a b'])
})
