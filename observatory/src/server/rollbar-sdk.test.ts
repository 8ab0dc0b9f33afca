import assert from 'node:assert/strict'
import { test } from 'node:test'
import Rollbar from 'rollbar'
import { startObservatory } from '../testing/start.ts'
import { exceptionsOf } from '../trace/item.ts'

const ids = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' }

test('an item of the Rollbar SDK is accepted, and joins its trace by its custom fields', async (t) => {
  const { url, trace, list } = await startObservatory(t)
  const rollbar = new Rollbar({ accessToken: 'a-token', endpoint: `${url}/api/1/item/`, environment: 'test' })
  const sent = new Promise((resolve) => {
    rollbar.error(new TypeError('the feed broke'), ids as never, () => resolve(undefined))
  })
  await sent
  const [item, ...others] = (await trace(ids.trace_id))?.items ?? []
  assert.deepEqual(others, [])
  assert.deepEqual(
    [item?.class, item?.message, item?.level, item?.environment, item?.spanId],
    ['TypeError', 'the feed broke', 'error', 'test', ids.span_id],
  )
  const frames = exceptionsOf(item?.data ?? {})[0]?.frames ?? []
  assert.match(frames.at(-1)?.filename ?? '', /rollbar-sdk\.test\.ts$/)
  assert.equal((await list()).traces[0]?.rootName, 'TypeError: the feed broke')
})
