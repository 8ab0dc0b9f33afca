import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { ReadableSpan } from '@opentelemetry/sdk-trace-web'
import { ExportQueue, type Outcome, type SendSpans } from './export-queue.ts'

const delivered: Outcome = { is: 'delivered', rejected: 0, problem: null }
const unsent: Outcome = { is: 'unsent', problem: 'no network', retryAfterMs: 0 }

let sent: string[][]
let answers: ((outcome: Outcome) => void)[]
let timers: { run: () => void; ms: number }[]
let leaving: boolean
let online: boolean
let now: number

beforeEach(() => {
  sent = []
  answers = []
  timers = []
  leaving = false
  online = true
  now = 0
})

const send: SendSpans = (batch) => {
  sent.push(batch.map(({ name }) => name))
  return new Promise((resolve) => answers.push(resolve))
}

const queueOf = (settings = {}) =>
  new ExportQueue({
    capacity: 6,
    batchSize: 2,
    delayMs: 1_000,
    maxDelayMs: 60_000,
    isUrgent: () => leaving,
    isOnline: () => online,
    now: () => now,
    later: (run, ms) => timers.push({ run, ms }),
    ...settings,
  })
const end = (queue: ExportQueue, ...names: string[]) => {
  for (const name of names) queue.onEnd({ name } as ReadableSpan)
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

test('what ended before the exporter was there is sent when it comes', () => {
  const queue = queueOf()
  end(queue, 'a')
  assert.deepEqual(timers, [])
  queue.connect(send)
  passTime()
  assert.deepEqual(sent, [['a']])
})

test('batches are small, a full one waits for nothing but the one before', async () => {
  const queue = queueOf()
  queue.connect(send)
  end(queue, 'a', 'b', 'c')
  assert.deepEqual(sent, [['a', 'b']])
  await answer()
  passTime()
  assert.deepEqual(sent, [['a', 'b'], ['c']])
})

test('a page that leaves sends everything at once', () => {
  const queue = queueOf()
  queue.connect(send)
  end(queue, 'a', 'b', 'c')
  queue.flush()
  assert.deepEqual(sent, [['a', 'b'], ['c']])
})

test('what ends while the page is hidden does not wait', async () => {
  const queue = queueOf()
  queue.connect(send)
  leaving = true
  end(queue, 'vital')
  await Promise.resolve()
  assert.deepEqual(sent, [['vital']])
})

test('what cannot be sent stays, is tried later each time, and never given up', async () => {
  const queue = queueOf({ maxDelayMs: 30_000 })
  queue.connect(send)
  end(queue, 'a')
  const waits: number[] = []
  for (let times = 0; times < 8; times += 1) {
    waits.push(...passTime())
    await answer(unsent)
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  assert.deepEqual(queue.state(), { created: 1, delivered: 0, queued: 1, dropped: {}, lastError: 'no network' })
  passTime()
  await answer()
  assert.deepEqual(queue.state(), { created: 1, delivered: 1, queued: 0, dropped: {}, lastError: null })
  end(queue, 'b')
  assert.equal(timers[0]?.ms, 1_000, 'short again after a success')
})

test('offline it tries slowly, and sends at once when the network is back', async () => {
  const queue = queueOf()
  queue.connect(send)
  online = false
  end(queue, 'a', 'b', 'c')
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
  assert.deepEqual(queue.state(), { created: 3, delivered: 3, queued: 0, dropped: {}, lastError: null })
})

test('a relay that names a time is left alone until then, even when the page leaves or the network is back', async () => {
  const queue = queueOf()
  queue.connect(send)
  end(queue, 'a', 'b')
  await answer({ is: 'unsent', problem: 'HTTP 429', retryAfterMs: 7_000 })
  queue.flush()
  queue.sendNow()
  assert.equal(sent.length, 1)
  assert.equal(timers.at(-1)?.ms, 7_000)
  now = 7_000
  queue.flush()
  assert.equal(sent.length, 2)
})

test('a refused batch is never sent again, and what was rejected of a batch is not delivered', async () => {
  const queue = queueOf()
  queue.connect(send)
  end(queue, 'a', 'b')
  await answer({ is: 'refused', problem: 'HTTP 400' })
  end(queue, 'c', 'd')
  await answer({ is: 'delivered', rejected: 1, problem: 'a span has no name' })
  assert.deepEqual(sent, [
    ['a', 'b'],
    ['c', 'd'],
  ])
  assert.deepEqual(queue.state(), {
    created: 4,
    delivered: 1,
    queued: 0,
    dropped: { refused: 2, rejected: 1 },
    lastError: 'a span has no name',
  })
})

test('the oldest give way when the queue is full, and are counted', () => {
  const queue = queueOf()
  end(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  assert.deepEqual(queue.state(), { created: 8, delivered: 0, queued: 6, dropped: { queue_full: 2 }, lastError: null })
  queue.connect(send)
  queue.flush()
  assert.deepEqual(sent.flat(), ['c', 'd', 'e', 'f', 'g', 'h'])
})
