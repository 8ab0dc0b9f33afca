import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WishLedger, wished } from './wish-ledger.ts'

const uuid = '0198c0de-0000-7000-8000-000000000001'

/** A server that answers when the test lets it, in the order in which it was asked. */
const openLedger = () => {
  const asked: { wish: boolean; answer: () => void; refuse: (error: Error) => void }[] = []
  const ledger = new WishLedger(
    (_, wish) => new Promise((resolve, reject) => asked.push({ wish, answer: resolve, refuse: reject })),
  )
  return { ledger, asked, wishes: () => asked.map(({ wish }) => wish) }
}

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

test('a wish shows from the click until its answer', async () => {
  const { ledger, asked } = openLedger()
  assert.equal(ledger.wishFor(uuid), undefined)
  const fulfilled = ledger.wish(uuid, true)
  assert.equal(ledger.wishFor(uuid), true)
  await turns()
  asked[0]?.answer()
  await fulfilled
  await turns()
  assert.equal(ledger.wishFor(uuid), undefined)
})

test('a double click, first like and then not, is asked for in that order and ends unliked', async () => {
  const { ledger, asked, wishes } = openLedger()
  const both = [ledger.wish(uuid, true)]
  await turns()
  both.push(ledger.wish(uuid, false))
  await turns()
  assert.deepEqual(wishes(), [true])
  assert.equal(ledger.wishFor(uuid), false)
  asked[0]?.answer()
  await turns()
  assert.deepEqual(wishes(), [true, false])
  asked[1]?.answer()
  await Promise.all(both)
})

test('clicks that come back to what was asked first need no further request', async () => {
  const { ledger, asked } = openLedger()
  const first = ledger.wish(uuid, true)
  await turns()
  const others = [ledger.wish(uuid, false), ledger.wish(uuid, true)]
  asked[0]?.answer()
  await Promise.all([first, ...others])
  await turns()
  assert.equal(asked.length, 1)
  assert.equal(ledger.wishFor(uuid), undefined)
})

test('a refused wish is told to whoever wished, and shows no longer', async () => {
  const { ledger, asked } = openLedger()
  const told = assert.rejects(ledger.wish(uuid, true), { message: 'no storage' })
  await turns()
  asked[0]?.refuse(new Error('no storage'))
  await told
  await turns()
  assert.equal(ledger.wishFor(uuid), undefined)
})

test('a refusal does not stop the wish that came after it, and is not told twice', async () => {
  const { ledger, asked } = openLedger()
  const first = ledger.wish(uuid, true)
  await turns()
  const second = ledger.wish(uuid, false)
  asked[0]?.refuse(new Error('lost on the way back'))
  await first
  await turns()
  assert.equal(asked[1]?.wish, false)
  asked[1]?.answer()
  await second
})

test('activities do not wait for each other', async () => {
  const { ledger, asked } = openLedger()
  void ledger.wish(uuid, true)
  void ledger.wish('0198c0de-0000-7000-8000-000000000002', true)
  await turns()
  assert.equal(asked.length, 2)
})

test('a wish adds one to the count of the server, or takes one', () => {
  assert.deepEqual(wished(false, 3, true), { on: true, count: 4 })
  assert.deepEqual(wished(true, 3, false), { on: false, count: 2 })
  assert.deepEqual(wished(true, 3, undefined), { on: true, count: 3 })
})

test('a count that holds the wish already is not raised again', () => {
  assert.deepEqual(wished(true, 4, true), { on: true, count: 4 })
})

test('no count falls below none', () => {
  assert.equal(wished(true, 0, false).count, 0)
})
