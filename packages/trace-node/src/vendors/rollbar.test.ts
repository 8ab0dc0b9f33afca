import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startRollbar } from '@cruddur/vendor-doubles'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { deadlineFor, faults, isBalanced, patienceMs, testSignal, until } from '../testing.ts'
import type { Fault } from './faults.ts'
import { createRollbar, type RollbarOptions } from './rollbar.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const tracer = new TracerProvider().getTracer('test')

const reporterTo = (url: string, options: Partial<RollbarOptions> = {}) => {
  const { signal, lines } = testSignal('rollbar')
  const reporter = createRollbar({
    signal,
    accessToken: 'the-token',
    endpoint: `${url}/api/1/item/`,
    environment: 'test',
    codeVersion: '1.2.3',
    backoff: { firstMs: 10, longestMs: 50 },
    ...options,
    limits: { deadlineMs: patienceMs, ...options.limits },
  })
  return { signal, reporter, lines }
}

const thrown = (message: string, Kind: new (message: string) => Error = Error): Error => {
  try {
    throw new Kind(message)
  } catch (error) {
    return error as Error
  }
}

test('names trace, user, version and place in an item, and the item on the span', async (t) => {
  const vendor = await startRollbar()
  t.after(vendor.stop)
  const { reporter, signal } = reporterTo(vendor.url)
  const fault: Fault = {
    error: thrown('the feed broke', TypeError),
    request: {
      method: 'GET',
      path: '/api/activities/home?after=canary',
      route: '/api/activities/home',
      host: 'localhost:4567',
    },
    userId: 'user-1',
  }
  const span = tracer.startSpan('GET /api/activities/home')
  const uuid = context.with(trace.setSpan(context.active(), span), () => reporter.report(fault))
  assert.ok(uuid)
  assert.equal('attributes' in span && (span.attributes as Record<string, unknown>)['app.rollbar_uuid'], uuid)

  assert.equal(await reporter.flush(patienceMs), true)
  assert.equal(signal.snapshot().delivered, 1)
  const [request] = vendor.requests
  assert.equal(request?.headers['x-rollbar-access-token'], 'the-token')
  assert.equal(request?.headers.traceparent, undefined)
  const { data: item } = JSON.parse(String(request?.body))
  const { traceId, spanId } = span.spanContext()
  assert.deepEqual(item.custom, {
    trace_id: traceId,
    span_id: spanId,
    xray_trace_id: `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
  })
  assert.equal(item.uuid, uuid)
  assert.equal(item.level, 'error')
  assert.equal(item.environment, 'test')
  assert.equal(item.code_version, '1.2.3')
  assert.equal(item.context, 'GET /api/activities/home')
  assert.deepEqual(item.person, { id: 'user-1' })
  assert.equal(item.request.url, 'http://localhost:4567/api/activities/home')
  const [{ exception, frames }] = item.body.trace_chain
  assert.deepEqual(exception, { class: 'TypeError', message: 'the feed broke' })
  const place = frames.at(-1)
  assert.match(place.filename, /^\/.*rollbar\.test\.ts$/)
  assert.match(place.code, /new Kind\(message\)/)
})

test('sends no secret and no personal data in an item', async (t) => {
  const vendor = await startRollbar()
  t.after(vendor.stop)
  const { reporter } = reporterTo(vendor.url)
  // The word is put together, because an item quotes the source lines around the throw.
  const secret = ['can', 'ary'].join('')
  const cause = Object.assign(
    thrown(`duplicate key value violates unique constraint "users_mail": Key (mail)=(${secret}1) exists`),
    {
      detail: `Key (mail)=(${secret}2) already exists.`,
      parameters: [`${secret}3`],
    },
  )
  const error = Object.assign(
    thrown(
      [
        `invalid input syntax for type uuid: "${secret}4"`,
        `Authorization: Bearer ${secret}5`,
        `cookie: cruddur_session=${secret}6; other=${secret}7`,
        `password=${secret}8&x=1 "password":"${secret}9"`,
        `${secret}10@example.com asked /api/search?q=${secret}11&token=${secret}12`,
        `postgres://cruddur:${secret}13@localhost/cruddur`,
      ].join('\n'),
    ),
    { cause, headers: { authorization: `${secret}14` } },
  )
  reporter.report({
    error,
    request: { method: 'POST', path: `/api/session?token=${secret}15#${secret}16`, userAgent: 'Browser' },
    userId: 'user-1',
  })
  await reporter.flush(patienceMs)
  assert.equal(vendor.requests.length, 1)
  const sent = String(vendor.requests[0]?.body)
  assert.deepEqual(sent.match(/canary\d+/g), null)
  assert.match(sent, /invalid input syntax for type uuid/)
})

test('reports thrown values of every kind', async (t) => {
  const vendor = await startRollbar()
  t.after(vendor.stop)
  const { reporter, signal } = reporterTo(vendor.url, { sameItemsPerMinute: 20 })
  const circular = new Error('round')
  circular.cause = circular
  const unreadable = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('no')
    },
  })
  const things = [
    circular,
    unreadable,
    new AggregateError([new Error('one')], 'many'),
    'text',
    7,
    null,
    undefined,
    { a: 1 },
  ]
  for (const error of things) assert.ok(reporter.report({ error }))
  assert.equal(await reporter.flush(patienceMs), true)
  assert.equal(signal.snapshot().delivered, things.length)
})

test('reports one error once, and limits the items in a minute, in total and for one kind of error', async (t) => {
  const vendor = await startRollbar()
  t.after(vendor.stop)
  const { reporter, signal } = reporterTo(vendor.url, { itemsPerMinute: 8, sameItemsPerMinute: 5 })
  const error = thrown('once')
  assert.equal(reporter.report({ error }), reporter.report({ error }))
  for (let i = 0; i < 10; i++) reporter.report({ error: thrown('again and again') })
  for (let i = 0; i < 10; i++) reporter.report({ error: Object.assign(new Error(), { name: `Kind${i}`, stack: '' }) })
  await reporter.flush(patienceMs)
  const { created, delivered, dropped } = signal.snapshot()
  assert.deepEqual(
    { created, delivered, dropped },
    { created: 21, delivered: 8, dropped: { repeated: 6, over_limit: 7 } },
  )
})

test('allows one kind of error a twelfth of all items', async (t) => {
  const vendor = await startRollbar()
  t.after(vendor.stop)
  const { reporter, signal } = reporterTo(vendor.url, { itemsPerMinute: 24 })
  for (let i = 0; i < 10; i++) reporter.report({ error: thrown('again and again') })
  await reporter.flush(patienceMs)
  const { delivered, dropped } = signal.snapshot()
  assert.deepEqual({ delivered, dropped }, { delivered: 2, dropped: { repeated: 8 } })
})

for (const [name, fault] of faults) {
  test(`with ${name}: reporting never waits, the account balances, two sockets suffice, and reporting resumes`, async (t) => {
    const vendor = await startRollbar()
    t.after(vendor.stop)
    const { reporter, signal } = reporterTo(vendor.url, {
      itemsPerMinute: 1_000,
      sameItemsPerMinute: 1_000,
      limits: { items: 20, attempts: 100, deadlineMs: deadlineFor(fault) },
    })
    vendor.fault = fault
    for (let i = 0; i < 100; i++) reporter.report({ error: new Error(`fault ${i}`) })
    assert.equal(signal.snapshot().created, 100)
    await until(() => signal.snapshot().lastError !== null)
    assert.ok(isBalanced(signal))
    assert.ok(vendor.sockets.mostOpen <= 2)
    assert.equal(signal.snapshot().delivered, 0)

    vendor.fault = null
    await until(() => signal.snapshot().queued === 0)
    reporter.report({ error: new Error('after') })
    await until(() => signal.snapshot().delivered > 0 && signal.snapshot().queued === 0)
    assert.ok(isBalanced(signal))

    vendor.fault = fault
    reporter.report({ error: new Error('last') })
    await reporter.close(200)
    assert.equal(signal.snapshot().queued, 0)
    assert.equal(signal.snapshot().dropped.tried_too_often, undefined, 'it closes before it gives up')
    assert.ok(isBalanced(signal))
  })
}
