import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { before, test } from 'node:test'
import { livePath } from '@cruddur/shared/live'
import {
  type Backend,
  createDatabase,
  eventually,
  startBackend,
  startCollector,
  type TestDatabase,
} from '../testing.ts'
import { cookieOf, openStream } from './testing.ts'

let database: TestDatabase
let collector: Awaited<ReturnType<typeof startCollector>>
let here: Backend
let there: Backend

before(async () => {
  database = await createDatabase()
  collector = await startCollector()
  const env = {
    DATABASE_URL: database.url,
    DEMO_PEOPLE: 'true',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  here = await startBackend(env)
  there = await startBackend(env)
})

const openThere = async (handle: string) => openStream(there.url, { cookie: await cookieOf(there.url, handle) })

test('the delivery of an event belongs to the trace of its cause, in any process', async () => {
  const stream = await openThere('worf')
  const andrew = await here.actAs('andrewbrown')
  const traceId = randomBytes(16).toString('hex')
  const { status } = await andrew('POST', '/api/messages', {
    json: { handle: 'worf', message: 'Who are you?' },
    headers: { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
  })
  assert.equal(status, 200)
  const heard = await stream.heard('message')
  const spans = await eventually(() => {
    const found = collector.spans.filter((span) => span.traceId === traceId)
    return found.filter(({ name }) => name === 'live.deliver').length === 2 &&
      found.some(({ kind }) => kind === 'server')
      ? found
      : null
  })
  const sending = spans.find(({ name }) => name === 'message.send')
  const deliveries = spans.filter(({ name }) => name === 'live.deliver')
  assert.equal(heard.cause, `00-${traceId}-${sending?.spanId}-01`)
  for (const delivery of deliveries) {
    assert.equal(delivery.parentSpanId, sending?.spanId)
    assert.equal(delivery.kind, 'consumer')
    assert.equal(delivery.attributes['app.live.listeners'], 1)
  }
  assert.deepEqual(deliveries.map(({ attributes }) => attributes['app.live.kind']).sort(), ['message', 'notifications'])
  assert.equal(JSON.stringify(spans).includes('Who are you'), false)
  await stream.leave()
})

test('opening a stream is a short trace, and no span lasts as long as the stream', async () => {
  const stream = await openThere('garek')
  const opening = await eventually(() => collector.spans.findLast(({ name }) => name === 'live.open'))
  const spans = await collector.trace(opening.traceId, 4)
  assert.deepEqual(spans.map(({ name }) => name).sort(), [
    'SELECT sessions',
    'live.open',
    'pg-pool.connect',
    'session.authenticate',
  ])
  assert.equal(opening.parentSpanId, null)
  const openAt = Date.now()
  await new Promise((resolve) => setTimeout(resolve, 300))
  const leftAt = Date.now()
  await stream.leave()
  await new Promise((resolve) => setTimeout(resolve, 300))
  for (const { name, attributes, startMs, durationMs } of collector.spans) {
    assert.doesNotMatch(JSON.stringify(attributes), new RegExp(livePath), name)
    assert.ok(startMs > openAt || startMs + durationMs < leftAt, `${name} is long`)
  }
  assert.match(
    there.output(),
    /"a page listens to live events".*"trace_id"|"trace_id".*"a page listens to live events"/,
  )
  assert.doesNotMatch(there.output(), /\/api\/events/)
})

test('without listeners there is no delivery and no span', async () => {
  const before = collector.spans.filter(({ name }) => name === 'live.deliver').length
  const andrew = await here.actAs('andrewbrown')
  await andrew('POST', '/api/messages', { json: { handle: 'worf', message: 'Nobody hears this.' } })
  await eventually(() => collector.spans.filter(({ name }) => name === 'message.send').length >= 2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.equal(collector.spans.filter(({ name }) => name === 'live.deliver').length, before)
})

test('the process ends open streams properly before it exits', async () => {
  const streams = await Promise.all([openStream(there.url), openStream(there.url), openThere('worf')])
  const deaf = connect(Number(new URL(there.url).port), '127.0.0.1')
  deaf.on('error', () => {})
  deaf.write(`GET ${livePath} HTTP/1.1\r\nHost: x\r\n\r\n`)
  let heard = ''
  deaf.setEncoding('utf8').on('data', (text) => (heard += text))
  deaf.pause()
  await eventually(() => there.output().split('a page listens to live events').length - 1 >= 6)
  there.process.kill('SIGTERM')
  assert.equal(await there.exit, 0)
  // At the deadline of the shutdown they would be cut.
  for (const { ended } of streams) assert.equal(await ended, 'ended')
  deaf.resume()
  await eventually(() => heard.endsWith('\r\n0\r\n\r\n'))
  deaf.destroy()
})
