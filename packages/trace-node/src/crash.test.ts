import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashHandler } from './crash.ts'

const exits = () => {
  const codes: number[] = []
  let resolve = () => {}
  const exited = new Promise<void>((settle) => {
    resolve = settle
  })
  const exit = (code: number) => {
    codes.push(code)
    resolve()
  }
  return { codes, exit, exited }
}

test('reports a crash, flushes, and exits with 1', async () => {
  const { codes, exit, exited } = exits()
  const reported: unknown[] = []
  const handle = crashHandler({
    report: (error, origin) => reported.push([error, origin]),
    endSpans: () => {},
    flush: async () => {},
    deadlineMs: 60_000,
    exit,
  })
  handle('boom', 'uncaughtException')
  handle('again', 'unhandledRejection')
  await exited
  assert.deepEqual(codes, [1])
  assert.deepEqual(reported, [['boom', 'uncaughtException']])
})

test('exits at the deadline when a vendor hangs', async () => {
  const { exit, exited } = exits()
  crashHandler({ report: () => {}, endSpans: () => {}, flush: () => new Promise(() => {}), deadlineMs: 20, exit })(
    'boom',
    'uncaughtException',
  )
  await exited
})

test('exits when the report itself throws', async () => {
  const { exit, exited } = exits()
  const report = () => {
    throw new Error('no')
  }
  crashHandler({ report, endSpans: () => {}, flush: async () => {}, deadlineMs: 60_000, exit })(
    'boom',
    'unhandledRejection',
  )
  await exited
})
