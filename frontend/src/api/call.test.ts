import '../../testing/page.ts'
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { traceLink } from '@cruddur/shared/health'
import { call, callAhead } from './call.ts'

let sent: string[] = []
let answers: (() => Promise<Response>)[] = []

beforeEach(() => {
  sent = []
  answers = []
  globalThis.fetch = (url) => {
    sent.push(String(url))
    return (answers.shift() ?? (() => Promise.reject(new TypeError('no answer is left'))))()
  }
})

const templated = (template: string) => async () => Response.json({ template })
const refused = async () => Response.json({}, { status: 503 })

test('the answer to a request that was sent ahead goes to the first call, and no further', async () => {
  answers = [templated('first'), templated('second')]
  callAhead(traceLink, {})
  assert.equal(sent.length, 1)
  assert.deepEqual(await call(traceLink, {}), { template: 'first' })
  assert.equal(sent.length, 1)
  assert.deepEqual(await call(traceLink, {}), { template: 'second' })
  assert.equal(sent.length, 2)
})

test('a request that was sent ahead and failed fails for its call, and a retry sends it again', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  answers = [refused, templated('later')]
  callAhead(traceLink, {})
  await new Promise((resolve) => setImmediate(resolve))
  await assert.rejects(call(traceLink, {}), { code: 'unavailable' })
  assert.deepEqual(await call(traceLink, {}), { template: 'later' })
  process.off('unhandledRejection', note)
  assert.deepEqual(unhandled, [])
})
