import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { LeanPgInstrumentation, pgOptions, StreamingPgInstrumentation } from './pg.ts'

before(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
after(() => context.disable())

type Call = (...args: unknown[]) => unknown
type Patched = { readonly query: Call; readonly connect: Call }
type Patches = Record<'_getClientQueryPatch' | '_getPoolConnectPatch', () => (original: Call) => Call>

const place = { database: 'cruddur', host: 'db.example', port: 5433 }
const failure = Object.assign(new Error('value "secret" is wrong'), { name: 'DatabaseError', code: '22P02' })

/** The spans that an instrumentation makes of calls to a driver that answers or fails. */
const spansWith = async (
  Instrumentation: typeof PgInstrumentation | typeof StreamingPgInstrumentation,
  calls: (patched: Patched) => unknown,
) => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const instrumentation = new Instrumentation({ ...pgOptions, enabled: false })
  instrumentation.setTracerProvider(provider)
  const patches = instrumentation as unknown as Patches
  const answer = (...args: unknown[]) => {
    const callback = args.at(-1)
    const isFailing = JSON.stringify(args).includes('fail')
    if (JSON.stringify(args).includes('throw')) throw failure
    if (typeof callback !== 'function') return isFailing ? Promise.reject(failure) : Promise.resolve({ rows: [] })
    return context.with(context.active().setValue(Symbol.for('of the driver'), true), () =>
      setImmediate(() => (isFailing ? callback(failure) : callback(null, { rows: [1] }, 'done'))),
    )
  }
  const client = { connectionParameters: { ...place, user: 'me' }, database: place.database }
  const pools = {
    usual: { options: { connectionString: 'postgres://me:secret@db.example:5433/cruddur', idleTimeoutMillis: 10_000 } },
    fail: { options: { ...place, toJSON: () => 'fail' } },
  }
  const query = patches._getClientQueryPatch()(answer).bind(client)
  const connecting = patches._getPoolConnectPatch()(function (this: unknown, ...args) {
    // As a listener of the pool's `connect` does.
    query('SET search_path TO cruddur', () => {})
    return answer(this, ...args)
  })
  const poolWith = (pool: object) => ({ ...pool, totalCount: 1, idleCount: 1, waitingCount: 0, on: () => {} })
  const connect = (which: keyof typeof pools, ...args: unknown[]) => connecting.apply(poolWith(pools[which]), args)
  await calls({ query, connect: connect as Call })
  await new Promise((resolve) => setTimeout(resolve, 20))
  const finished = exporter.getFinishedSpans()
  const names = new Map(finished.map((span) => [span.spanContext().spanId, span.name]))
  return finished.map(({ name, kind, attributes, status, events, instrumentationScope, parentSpanContext }) => ({
    ...{ name, kind, attributes, status, scope: instrumentationScope.name },
    parent: parentSpanContext && (names.get(parentSpanContext.spanId) ?? 'parent'),
    events: events.map((event) => [event.name, event.attributes]),
  }))
}

const everyCall = async ({ query, connect }: Patched) => {
  const results: unknown[] = []
  const done = (...args: unknown[]) => results.push(...args, trace.getActiveSpan()?.spanContext().spanId)
  const parent = new TracerProvider().getTracer('test').startSpan('parent')
  await context.with(trace.setSpan(context.active(), parent), async () => {
    query('SELECT * FROM likes', done)
    query('SELECT * FROM likes WHERE uuid = $1', ['a'], done)
    query(
      { text: 'WITH added AS (INSERT INTO likes VALUES ($1)) SELECT 1', values: ['a'], query_timeout: 4_000 },
      undefined,
      done,
    )
    query({ text: 'SELECT fail', values: [] }, done)
    query({ text: 'SELECT 1 FROM users', name: 'prepared' }, done)
    assert.throws(() => query('SELECT throw', done), failure)
    await query('SELECT * FROM users')
    await query(null)
    query('', done)
    await assert.rejects(Promise.resolve(query('SELECT fail FROM users')), failure)
    connect('usual', done)
    connect('fail', done)
    await connect('usual')
  })
  // Without a parent there is no span.
  query('SELECT 1', done)
  connect('usual', done)
  await new Promise((resolve) => setTimeout(resolve, 20))
  const own = parent.spanContext().spanId
  assert.deepEqual(results.filter((one) => one === own).length, 8)
}

test('makes the same spans as the stock instrumentation', async () => {
  const [stock, lean] = [
    await spansWith(PgInstrumentation, everyCall),
    await spansWith(LeanPgInstrumentation, everyCall),
  ]
  const byText = (one: object, other: object) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)
  assert.equal(stock.length, 16)
  assert.deepEqual(lean.toSorted(byText), stock.toSorted(byText))
})

for (const Instrumentation of [StreamingPgInstrumentation, LeanPgInstrumentation])
  test(`${Instrumentation.name} ends the span of a cursor or stream with its last answer, and its listeners run in the context of the call`, async () => {
    const seen: unknown[] = []
    /** What pg does with a cursor: it calls these methods from its connection, which belongs to no request. */
    const submittable = (text: string) => ({
      text,
      submit: () => {},
      handleDataRow: () => seen.push(['row', trace.getActiveSpan()?.spanContext().spanId]),
      handleError: (error: Error) => seen.push([error.message, trace.getActiveSpan()?.spanContext().spanId]),
      handleReadyForQuery: () => seen.push(['ready', trace.getActiveSpan()?.spanContext().spanId]),
    })
    const parent = new TracerProvider().getTracer('test').startSpan('parent')
    const spans = await spansWith(Instrumentation, ({ query }) => {
      const [rows, failing] = [submittable('SELECT * FROM likes'), submittable('COPY likes TO STDOUT')]
      context.with(trace.setSpan(context.active(), parent), () => {
        query(rows)
        query(failing)
        assert.throws(() => query(submittable('SELECT throw')), failure)
      })
      rows.handleDataRow()
      rows.handleReadyForQuery()
      failing.handleError(failure)
      failing.handleReadyForQuery()
    })
    assert.deepEqual(
      spans.map(({ name, status, events }) => [name, status.code, events.length]),
      [
        ['SELECT', 2, 1],
        ['SELECT likes', 0, 0],
        ['COPY', 2, 1],
      ],
    )
    const own = parent.spanContext().spanId
    assert.deepEqual(seen, [
      ['row', own],
      ['ready', own],
      [failure.message, own],
      ['ready', own],
    ])
  })
