import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBalanced, lostIn, patienceMs, stopTime, testSignal, until } from '../testing.ts'
import { createExportQueue, type ExportQueueLimits, type ExportQueueOptions, type Outcome } from './export-queue.ts'

const limits: ExportQueueLimits = {
  items: 100,
  bytes: 10_000,
  itemBytes: 1_000,
  batchItems: 10,
  batchBytes: 1_000,
  ageMs: 60_000,
  attempts: 5,
  inFlight: 2,
  deadlineMs: patienceMs,
  lingerMs: 5,
}

type Send = ExportQueueOptions<number>['send']

const queueWith = (
  send: Send,
  options: { limits?: Partial<ExportQueueLimits>; backoff?: ExportQueueOptions<number>['backoff'] } = {},
) => {
  const { signal, lines } = testSignal()
  const queue = createExportQueue<number>({
    signal,
    send,
    limits: { ...limits, ...options.limits },
    backoff: { firstMs: 10, longestMs: 40, ...options.backoff },
  })
  return { queue, signal, lines }
}

const accept: Send = async () => ({ kind: 'delivered', status: 200 })
const hang: Send = () => new Promise(() => {})

test('sends items that arrive together in one batch', async () => {
  const batches: (readonly number[])[] = []
  const { queue, signal } = queueWith(async (items) => {
    batches.push(items)
    return { kind: 'delivered' }
  })
  for (let item = 0; item < 5; item++) queue.add(item, 10)
  assert.equal(batches.length, 0)
  await until(() => signal.snapshot().delivered === 5)
  assert.deepEqual(batches, [[0, 1, 2, 3, 4]])
})

test('sends a full batch at once', async () => {
  const { queue, signal } = queueWith(accept, { limits: { lingerMs: 60_000 } })
  for (let item = 0; item < 10; item++) queue.add(item, 10)
  await until(() => signal.snapshot().delivered === 10)
})

test('keeps a batch below its limit of bytes', async () => {
  const sizes: number[] = []
  const { queue } = queueWith(async (items) => {
    sizes.push(items.length)
    return { kind: 'delivered' }
  })
  for (let item = 0; item < 6; item++) queue.add(item, 400)
  assert.equal(await queue.flush(patienceMs), true)
  assert.deepEqual(sizes, [2, 2, 2])
})

test('drops the oldest items when the queue is full, by items and by bytes, and counts them', () => {
  const byItems = queueWith(hang)
  for (let item = 0; item < 250; item++) byItems.queue.add(item, 1)
  assert.deepEqual(byItems.signal.snapshot().dropped, { queue_full: 150 })
  assert.equal(byItems.signal.snapshot().queued, 100)

  const byBytes = queueWith(hang)
  for (let item = 0; item < 50; item++) byBytes.queue.add(item, 500)
  assert.equal(byBytes.signal.snapshot().queued, 20)
  assert.ok(isBalanced(byBytes.signal))
})

test('drops an item that is too large', () => {
  const { queue, signal } = queueWith(accept)
  queue.add(1, 1_001)
  assert.deepEqual(signal.snapshot().dropped, { too_large: 1 })
})

test('drops old items even while the vendor has asked to wait', async (t) => {
  const { pass } = stopTime(t)
  const { queue, signal } = queueWith(
    async () => ({ kind: 'again', error: 'HTTP 429', status: 429, afterMs: 60_000 }),
    {
      limits: { ageMs: 1_000 },
    },
  )
  queue.add(1, 10)
  await pass(limits.lingerMs)
  assert.equal(signal.snapshot().lastStatus, 429)
  await pass(990)
  assert.equal(signal.snapshot().queued, 1)
  await pass(10)
  assert.equal(signal.snapshot().queued, 0)
  assert.deepEqual(signal.snapshot().dropped, { too_old: 1 })
})

test('ends an attempt at its deadline, even when it ignores the abort', async () => {
  let aborted = false
  const { queue, signal } = queueWith(
    (_items, abort) => {
      abort.addEventListener('abort', () => (aborted = true))
      return new Promise(() => {})
    },
    { limits: { deadlineMs: 30, attempts: 1 } },
  )
  queue.add(1, 10)
  await until(() => signal.snapshot().queued === 0)
  assert.ok(aborted)
  assert.deepEqual(signal.snapshot().dropped, { tried_too_often: 1 })
  assert.match(signal.snapshot().lastError ?? '', /no answer within 30 ms/)
})

test('obeys a long Retry-After', async (t) => {
  const { pass } = stopTime(t)
  let attempts = 0
  const { queue, signal } = queueWith(async () => {
    attempts++
    return { kind: 'again', error: 'HTTP 429', status: 429, afterMs: 30_000 }
  })
  queue.add(1, 10)
  await pass(limits.lingerMs)
  for (let item = 0; item < 50; item++) queue.add(item, 10)
  await pass(29_999)
  assert.equal(attempts, 1)
  await pass(1)
  assert.equal(attempts, 2)
  assert.ok(isBalanced(signal))
})

test('does not retry after a final refusal', async () => {
  let attempts = 0
  const { queue, signal } = queueWith(async () => {
    attempts++
    return { kind: 'lost', error: 'HTTP 400', status: 400, reason: 'http_400' }
  })
  queue.add(1, 10)
  await until(() => signal.snapshot().queued === 0)
  assert.equal(attempts, 1)
  assert.deepEqual(signal.snapshot().dropped, { http_400: 1 })
})

test('only probes a vendor that refuses everything', async (t) => {
  const { pass } = stopTime(t)
  let attempts = 0
  const { queue, signal } = queueWith(
    async () => {
      attempts++
      return { kind: 'lost', error: 'HTTP 401', status: 401, reason: 'http_401' }
    },
    { limits: { inFlight: 1 }, backoff: { firstMs: 10_000, longestMs: 10_000 } },
  )
  for (let item = 0; item < 80; item++) queue.add(item, 10)
  for (let turns = 0; turns < 10; turns++) await pass(1)
  assert.deepEqual([attempts, signal.snapshot().dropped], [5, { http_401: 50 }])
  await pass(7_000)
  assert.equal(attempts, 5)
  assert.equal(signal.snapshot().queued, 30)
})

test('sends one small batch at a time while the vendor is down, and all items when it is back', async () => {
  let away = true
  let flying = 0
  let mostFlying = 0
  const sizes: number[] = []
  const { queue, signal } = queueWith(
    async (items): Promise<Outcome> => {
      mostFlying = Math.max(mostFlying, ++flying)
      if (away) sizes.push(items.length)
      await new Promise((resolve) => setTimeout(resolve, 2))
      flying--
      return away ? { kind: 'again', error: 'ECONNREFUSED' } : { kind: 'delivered', status: 200 }
    },
    { limits: { inFlight: 1, attempts: 100 } },
  )
  for (let item = 0; item < 60; item++) queue.add(item, 10)
  await until(() => sizes.length >= 4)
  assert.deepEqual(sizes.slice(0, 4), [10, 5, 2, 1])
  away = false
  await until(() => signal.snapshot().delivered === 60)
  assert.equal(mostFlying, 1)
  assert.equal(lostIn(signal.snapshot()), 0)
})

test('does not count items as delivered that the vendor refuses within a batch', async () => {
  const { queue, signal } = queueWith(async () => ({ kind: 'delivered', refused: 2, refusal: 'bad spans' }))
  for (let item = 0; item < 5; item++) queue.add(item, 10)
  await queue.flush(patienceMs)
  const { delivered, dropped, lastError } = signal.snapshot()
  assert.deepEqual({ delivered, dropped, lastError }, { delivered: 3, dropped: { refused: 2 }, lastError: 'bad spans' })
})

test('flushes until its deadline when the vendor hangs, and gives up at once when it asked to wait', async (t) => {
  const { pass } = stopTime(t)
  const hanging = queueWith(hang)
  hanging.queue.add(1, 10)
  let isFlushed: boolean | undefined
  void hanging.queue.flush(100).then((all) => (isFlushed = all))
  await pass(99)
  assert.equal(isFlushed, undefined)
  await pass(1)
  assert.equal(isFlushed, false)

  const peace = queueWith(async () => ({ kind: 'again', error: 'HTTP 429', afterMs: 60_000 }))
  peace.queue.add(1, 10)
  await pass(limits.lingerMs)
  isFlushed = undefined
  void peace.queue.flush(5_000).then((all) => (isFlushed = all))
  await pass(0)
  assert.equal(isFlushed, false)
})

test('after closing, holds nothing, accepts nothing, and has counted every item', async () => {
  const { queue, signal } = queueWith(hang)
  for (let item = 0; item < 30; item++) queue.add(item, 10)
  await queue.close(50)
  queue.add(31, 10)
  const { queued, dropped } = signal.snapshot()
  assert.equal(queued, 0)
  assert.deepEqual(dropped, { shutdown: 30, closed: 1 })
  assert.ok(isBalanced(signal))
})

test('loses only its batch when sending throws', async () => {
  let throws = true
  const { queue, signal } = queueWith((items, abort) => {
    if (throws) throw new TypeError('cannot encode')
    return accept(items, abort)
  })
  queue.add(1, 10)
  await until(() => signal.snapshot().queued === 0)
  assert.deepEqual(signal.snapshot().dropped, { unsendable: 1 })
  throws = false
  queue.add(2, 10)
  await until(() => signal.snapshot().delivered === 1)
})

test('balances its account at every step, for every answer of the vendor', async () => {
  const outcomes: Outcome[] = [
    { kind: 'delivered' },
    { kind: 'delivered', refused: 1 },
    { kind: 'again', error: 'HTTP 503' },
    { kind: 'lost', error: 'HTTP 500', reason: 'http_500' },
  ]
  let attempts = 0
  const { queue, signal } = queueWith(
    async () => {
      await new Promise((resolve) => setTimeout(resolve, attempts % 3))
      return outcomes[attempts++ % outcomes.length] as Outcome
    },
    { backoff: { firstMs: 1, longestMs: 2 } },
  )
  for (let item = 0; item < 2_000; item++) {
    queue.add(item, item % 50)
    if (item % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 0))
    assert.ok(isBalanced(signal))
  }
  await queue.close(patienceMs)
  assert.ok(isBalanced(signal))
  assert.equal(signal.snapshot().queued, 0)
})
