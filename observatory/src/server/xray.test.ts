import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startObservatory, until } from '../testing/start.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const datagramOf = (fields: object = {}): string =>
  `{"format":"json","version":1}\n${JSON.stringify({
    name: 'cruddur-backend',
    id: '00f067aa0ba902b7',
    trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736',
    start_time: 1_795_214_400.123,
    end_time: 1_795_214_400.2,
    ...fields,
  })}`

test('a refused segment of a known trace is among its findings', async (t) => {
  const { datagram, trace, list } = await startObservatory(t)
  await datagram(datagramOf())
  await datagram(datagramOf({ name: 'a<b' }))
  const { status } = await until(async () => (await list()).status.refused.segments === 1 && (await list()))
  assert.deepEqual([status.refusals[0]?.vendor, status.refusals[0]?.traceId], ['xray', traceId])
  assert.deepEqual(
    (await trace(traceId))?.findings.map(({ code }) => code),
    ['no-spans', 'refused'],
  )
})

test('a segment that is sent again when it is complete is one segment', async (t) => {
  const { datagram, trace } = await startObservatory(t)
  await datagram(datagramOf({ end_time: undefined, in_progress: true }))
  await datagram(datagramOf())
  const segments = await until(async () => {
    const found = (await trace(traceId))?.segments
    return found?.some(({ end_time }) => end_time) && found
  })
  assert.equal(segments.length, 1)
})
