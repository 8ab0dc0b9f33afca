import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { ExportQueue, type Outcome, type Send } from './export-queue.ts'

const delivered: Outcome = { is: 'delivered', rejected: 0, problem: null }
const unsent: Outcome = { is: 'unsent', problem: 'no network', retryAfterMs: 0 }

let sent: string[][]
let answers: ((outcome: Outcome) => void)[]
let timers: { run: () => void; ms: number }[]
let urgent: boolean
let online: boolean
let now: number

beforeEach(() => {
  sent = []
  answers = []
  timers = []
  urgent = false
  online = true
  now = 0
})

const send: Send<string> = (batch) => {
  sent.push(batch)
  return new Promise((resolve) => answers.push(resolve))
}

const queueOf = (settings = {}) =>
  new ExportQueue<string>({
    capacity: 6,
    batchSize: 2,
    delayMs: 1_000,
    maxDelayMs: 60_000,
    isUrgent: () => urgent,
    isOnline: () => online,
    now: () => now,
    setTimer: (run, ms) => timers.push({ run, ms }),
    ...settings,
  })
const add = (queue: ExportQueue<string>, ...items: string[]) => {
  for (const item of items) queue.add(item)
}
const passTime = () =>
  timers.splice(0).map(({ run, ms }) => {
    now += ms
    run()
    return ms
  })
const answer = async (outcome: Outcome = delivered) => {
  for (const settle of answers.splice(0)) settle(outcome)
  await setImmediate()
}

test('items added before the sender is loaded are sent when it connects', () => {
  const queue = queueOf()
  add(queue, 'a')
  assert.deepEqual(timers, [])
  queue.connect(send)
  passTime()
  assert.deepEqual(sent, [['a']])
})

test('a full batch is sent at once, unless another one is on its way', async () => {
  const queue = queueOf()
  queue.connect(send)
  add(queue, 'a', 'b', 'c')
  assert.deepEqual(sent, [['a', 'b']])
  await answer()
  passTime()
  assert.deepEqual(sent, [['a', 'b'], ['c']])
})

test('flush sends everything at once', () => {
  const queue = queueOf()
  queue.connect(send)
  add(queue, 'a', 'b', 'c')
  queue.flush()
  assert.deepEqual(sent, [['a', 'b'], ['c']])
})

test('an urgent item is sent at once', async () => {
  const queue = queueOf()
  queue.connect(send)
  urgent = true
  add(queue, 'a')
  await Promise.resolve()
  assert.deepEqual(sent, [['a']])
})

test('a batch that could not be sent is kept and retried, after ever longer delays', async () => {
  const queue = queueOf({ maxDelayMs: 30_000 })
  queue.connect(send)
  add(queue, 'a')
  const waits: number[] = []
  for (let times = 0; times < 8; times += 1) {
    waits.push(...passTime())
    await answer(unsent)
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  assert.deepEqual(queue.account(), { created: 1, delivered: 0, queued: 1, dropped: {}, lastError: 'no network' })
  passTime()
  await answer()
  assert.deepEqual(queue.account(), { created: 1, delivered: 1, queued: 0, dropped: {}, lastError: null })
  add(queue, 'b')
  assert.equal(timers[0]?.ms, 1_000, 'short again after a success')
})

test('offline it retries slowly, and sends at once when the network is back', async () => {
  const queue = queueOf()
  queue.connect(send)
  online = false
  add(queue, 'a', 'b', 'c')
  await answer(unsent)
  assert.deepEqual(
    timers.map(({ ms }) => ms),
    [60_000],
  )
  online = true
  queue.sendNow()
  await answer()
  assert.deepEqual(passTime(), [60_000, 1_000], 'the rest does not wait for the slow timer')
  await answer()
  assert.deepEqual(sent, [['a', 'b'], ['a', 'b'], ['c']])
  assert.deepEqual(queue.account(), { created: 3, delivered: 3, queued: 0, dropped: {}, lastError: null })
})

test('nothing is sent before the time that the relay named, even when the page closes or the network is back', async () => {
  const queue = queueOf()
  queue.connect(send)
  add(queue, 'a', 'b')
  await answer({ is: 'unsent', problem: 'HTTP 429', retryAfterMs: 7_000 })
  queue.flush()
  queue.sendNow()
  assert.equal(sent.length, 1)
  assert.equal(timers.at(-1)?.ms, 7_000)
  now = 7_000
  queue.flush()
  assert.equal(sent.length, 2)
})

test('a refused batch is never sent again, and rejected items do not count as delivered', async () => {
  const queue = queueOf()
  queue.connect(send)
  add(queue, 'a', 'b')
  await answer({ is: 'refused', problem: 'HTTP 400', reason: 'refused' })
  add(queue, 'c', 'd')
  await answer({ is: 'delivered', rejected: 1, problem: 'a span has no name' })
  assert.deepEqual(sent, [
    ['a', 'b'],
    ['c', 'd'],
  ])
  assert.deepEqual(queue.account(), {
    created: 4,
    delivered: 1,
    queued: 0,
    dropped: { refused: 2, rejected: 1 },
    lastError: 'a span has no name',
  })
})

test('a full queue drops the oldest items and counts them', () => {
  const queue = queueOf()
  add(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  assert.deepEqual(queue.account(), {
    created: 8,
    delivered: 0,
    queued: 6,
    dropped: { queue_full: 2 },
    lastError: null,
  })
  queue.connect(send)
  queue.flush()
  assert.deepEqual(sent.flat(), ['c', 'd', 'e', 'f', 'g', 'h'])
})

test('urgent items of a queue without batches are sent one by one, and each reason for a loss is counted', async () => {
  urgent = true
  const queue = queueOf({ batchSize: 1 })
  add(queue, 'a', 'b')
  queue.connect(send)
  assert.deepEqual(sent, [['a'], ['b']])
  const [first, second] = answers
  first?.({ is: 'refused', problem: 'http_401', reason: 'http_401' })
  second?.(delivered)
  await setImmediate()
  assert.deepEqual(queue.account(), {
    created: 2,
    delivered: 1,
    queued: 0,
    dropped: { http_401: 1 },
    lastError: null,
  })
})
