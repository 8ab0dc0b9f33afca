import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crashHandler } from './crash.ts'

const exits = () => {
  const codes: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const exit = (code: number) => {
    codes.push(code)
    resolve()
  }
  return { codes, exit, exited: promise }
}

test('a crash is reported and flushed, and the process ends with 1', async () => {
  const { codes, exit, exited } = exits()
  const reported: unknown[] = []
  const handle = crashHandler({
    report: (error, origin) => reported.push([error, origin]),
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

test('a vendor that hangs does not keep a broken process alive', async () => {
  const { exit, exited } = exits()
  crashHandler({ report: () => {}, flush: () => new Promise(() => {}), deadlineMs: 20, exit })(
    'boom',
    'uncaughtException',
  )
  await exited
})

test('a reporter that breaks does not either', async () => {
  const { exit, exited } = exits()
  const report = () => {
    throw new Error('no')
  }
  crashHandler({ report, flush: async () => {}, deadlineMs: 60_000, exit })('boom', 'unhandledRejection')
  await exited
})
