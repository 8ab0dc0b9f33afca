import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-web'
import { ExportQueue } from './export-queue.ts'

const succeeded = 0
const failed = 1

let exported: string[][]
let answers: (() => void)[]
let timers: { run: () => void; ms: number }[]
let code: number
let leaving: boolean

beforeEach(() => {
  exported = []
  answers = []
  timers = []
  code = succeeded
  leaving = false
})

const exporter = {
  export: (batch, done) => {
    exported.push(batch.map(({ name }) => name))
    answers.push(() => done({ code }))
  },
  shutdown: async () => {},
} satisfies SpanExporter

const queueOf = (settings = {}) =>
  new ExportQueue({
    capacity: 6,
    batchSize: 2,
    delayMs: 1_000,
    longestDelayMs: 60_000,
    attempts: 3,
    isLeaving: () => leaving,
    later: (run, ms) => timers.push({ run, ms }),
    ...settings,
  })
const end = (queue: ExportQueue, ...names: string[]) => {
  for (const name of names) queue.onEnd({ name } as ReadableSpan)
}
const passTime = () =>
  timers.splice(0).map(({ run, ms }) => {
    run()
    return ms
  })
const answer = () => {
  for (const settle of answers.splice(0)) settle()
}

test('what ended before the exporter was there is sent when it comes', () => {
  const queue = queueOf()
  end(queue, 'a')
  assert.deepEqual(timers, [])
  queue.connect(exporter)
  passTime()
  assert.deepEqual(exported, [['a']])
})

test('batches are small, a full one waits for nothing but the one before', () => {
  const queue = queueOf()
  queue.connect(exporter)
  end(queue, 'a', 'b', 'c')
  assert.deepEqual(exported, [['a', 'b']])
  answer()
  passTime()
  assert.deepEqual(exported, [['a', 'b'], ['c']])
})

test('a page that leaves sends everything at once', () => {
  const queue = queueOf()
  queue.connect(exporter)
  end(queue, 'a', 'b', 'c')
  queue.flush()
  assert.deepEqual(exported, [['a', 'b'], ['c']])
})

test('what ends while the page is hidden does not wait', async () => {
  const queue = queueOf()
  queue.connect(exporter)
  leaving = true
  end(queue, 'vital')
  await Promise.resolve()
  assert.deepEqual(exported, [['vital']])
})

test('a refused batch is tried again, later each time, and given up after the third', () => {
  const queue = queueOf()
  queue.connect(exporter)
  code = failed
  end(queue, 'a')
  const waits: number[] = []
  for (let times = 0; times < 3; times += 1) {
    waits.push(...passTime())
    answer()
  }
  assert.deepEqual(waits, [1_000, 2_000, 4_000])
  assert.deepEqual(exported, [['a'], ['a'], ['a']])
  assert.deepEqual(queue.state(), {
    created: 1,
    delivered: 0,
    queued: 0,
    dropped: { refused: 1 },
    lastError: 'unknown',
  })
})

test('the wait is bounded, and short again after a success', () => {
  const queue = queueOf({ longestDelayMs: 3_000, attempts: 100 })
  queue.connect(exporter)
  code = failed
  end(queue, 'a')
  for (let times = 0; times < 5; times += 1) {
    passTime()
    answer()
  }
  assert.equal(timers[0]?.ms, 3_000)
  code = succeeded
  passTime()
  answer()
  end(queue, 'b')
  assert.equal(timers[0]?.ms, 1_000)
})

test('the oldest give way when the queue is full, and are counted', () => {
  const queue = queueOf()
  end(queue, 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h')
  assert.deepEqual(queue.state(), { created: 8, delivered: 0, queued: 6, dropped: { queue_full: 2 }, lastError: null })
  queue.connect(exporter)
  queue.flush()
  assert.deepEqual(exported.flat(), ['c', 'd', 'e', 'f', 'g', 'h'])
})

test('an exporter that throws or answers twice changes no count', () => {
  const queue = queueOf()
  queue.connect({
    export: (_batch, done) => {
      done({ code: succeeded })
      done({ code: failed })
      throw new Error('broken')
    },
    shutdown: async () => {},
  })
  end(queue, 'a')
  passTime()
  assert.deepEqual(queue.state(), { created: 1, delivered: 1, queued: 0, dropped: {}, lastError: null })
})
