import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { install, uninstall } from './callbacks.ts'
import { compareFlows, contextOfRejection, runIn } from './current.ts'
import { compile, load } from './testing/run-program.ts'

before(() => {
  install()
  compareFlows((one, other) => String(one)[0] === String(other)[0])
})
after(() => {
  compareFlows(() => false)
  uninstall()
})

const rejection = async (label: string | undefined, code: string): Promise<unknown> => {
  const { run } = await load(compile(`export const run = (runIn) => { ${code} }`))
  let found: unknown = 'no rejection'
  const listen = (reason: unknown, promise: unknown) => {
    found = contextOfRejection(promise, reason)
  }
  // The test runner's own listener fails the test.
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', listen)
  runIn(label, () => void run?.(runIn as never))
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.off('unhandledRejection', listen)
  for (const other of others) process.on('unhandledRejection', other)
  return found
}

test('an unhandled rejection has the context of the function that threw', async () => {
  for (const code of [
    'void (async () => { await 1; throw new Error() })()',
    'void (async () => { throw new Error(); await 1 })()',
    'void (async () => { await (async () => { await 1; throw new Error() })() })()',
    'void (async () => { for await (const one of [Promise.reject(new Error())]); })()',
    'void (async function* () { yield 1; throw new Error() })().next().then(() => { throw new Error() })',
    'void Promise.resolve().then(() => { throw new Error() })',
    'void Promise.resolve().then(() => { throw "text" })',
    'void Promise.reject("text")',
    'void Promise.reject(new Error()).finally(() => {})',
    'setTimeout(() => void Promise.reject(1), 1)',
    'void new Promise((_, reject) => setTimeout(() => reject(new Error()), 1)).then(() => {})',
  ])
    assert.equal(await rejection('A', code), 'A', code)
})

test('the innermost context of a flow is the one', async () => {
  const inner = 'void (async () => { await runIn("A2", async () => { await 1; throw new Error() }) })()'
  assert.equal(await rejection('A', inner), 'A2')
})

test('without a context, or with two, it has none', async () => {
  assert.equal(await rejection(undefined, 'void (async () => { await 1; throw new Error() })()'), undefined)
  const shared = `const promise = runIn('B', async () => { await 1; throw new Error() }); promise.catch(() => {})
    void (async () => { await promise })()`
  assert.equal(await rejection('A', shared), undefined)
  assert.equal(
    await rejection('A', 'void (async () => { await 1; throw "text" })()'),
    undefined,
    'a text has no identity',
  )
})
