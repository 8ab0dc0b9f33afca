import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { createTraceState, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { isBalanced, testSignal, until } from '../testing.ts'
import { type HoldLimits, keepTraces } from './held-traces.ts'
import { oddsOf, samplerOf } from './sampler.ts'

const odds = oddsOf(0.1, 'a key of this test')
const ids = Array.from({ length: 2_000 }, (_, n) => createHash('md5').update(`trace ${n}`).digest('hex'))
const [lucky, secondLucky] = ids.filter(odds.keeps) as [string, string]
const [unlucky, secondUnlucky] = ids.filter((id) => !odds.keeps(id)) as [string, string]
const ok = { address: '10.0.0.1', status: 200, durationMs: 3 }
const failed = { ...ok, status: 500 }

const open = (limits: Partial<HoldLimits> = {}) => {
  const exporters = { server: new InMemorySpanExporter(), browser: new InMemorySpanExporter() }
  const signals = { server: testSignal().signal, browser: testSignal().signal }
  const way = (half: 'server' | 'browser') => ({
    signal: signals[half],
    processors: [new SimpleSpanProcessor({ exporter: exporters[half] })],
  })
  const traces = keepTraces(odds, { server: way('server'), browser: way('browser') }, limits)
  const tracer = new TracerProvider({ sampler: samplerOf(odds), spanProcessors: [traces.server] }).getTracer('test')
  const remote = (traceId: string) =>
    trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '2'.repeat(16), traceFlags: 0, isRemote: true })
  const kept = (half: 'server' | 'browser' = 'server') => exporters[half].getFinishedSpans()
  return {
    traces,
    signals,
    tracer,
    kept,
    names: () => kept().map(({ name }) => name),
    child: (name: string, parent: Span) => tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, parent)),
    request: (traceId: string) => tracer.startSpan('request', { kind: SpanKind.SERVER }, remote(traceId)),
    ofPage: (traceId: string, isError: boolean): ReadableSpan => {
      const span = new TracerProvider({ sampler: samplerOf(oddsOf(1)) })
        .getTracer('page')
        .startSpan('exception', {}, remote(traceId))
      if (isError) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
      return span as unknown as ReadableSpan
    },
  }
}

const weightsOf = (spans: readonly ReadableSpan[]) => [
  ...new Set(spans.map((span) => `${span.attributes.SampleRate} ${span.spanContext().traceState?.get('ot')}`)),
]

test('keeps all spans of a failed request, even spans that end after their parent or after the request', () => {
  const { request, child, traces, names, kept } = open()
  const server = request(unlucky)
  const service = child('service', server)
  const sql = child('sql', service)
  const log = child('log', service)
  service.end()
  sql.end()
  assert.equal(traces.isKept(server, failed), true)
  server.setStatus({ code: SpanStatusCode.ERROR }).end()
  log.end()
  assert.deepEqual(names(), ['service', 'sql', 'request', 'log'])
  assert.match(weightsOf(kept()).join(), /^1 th:0;rv:[0-9a-f]{14}$/)
})

test('only counts a trace that neither chance nor a failure keeps', async () => {
  const { request, traces, kept, signals } = open()
  const server = request(unlucky)
  assert.equal(traces.isKept(server, ok), false)
  server.end()
  await traces.close(1_000)
  assert.deepEqual(kept(), [])
  assert.deepEqual(signals.server.snapshot().dropped, { not_sampled: 1 })
  assert.ok(isBalanced(signals.server))
})

test('holds a trace that chance keeps until both halves are there, and gives it its weight', async () => {
  const { request, ofPage, traces, kept } = open({ ms: 50 })
  const server = request(lucky)
  assert.equal(traces.isKept(server, ok), true)
  server.end()
  traces.acceptBrowserSpans([ofPage(lucky, false)], ok.address)
  assert.deepEqual([...kept(), ...kept('browser')], [])
  await until(() => kept().length === 1 && kept('browser').length === 1)
  const [weight = '', ...others] = weightsOf([...kept(), ...kept('browser')])
  assert.deepEqual(others, [])
  const [, threshold = '', randomness = ''] = /^10 th:([0-9a-f]+);rv:([0-9a-f]{14})$/.exec(weight) ?? []
  assert.equal(Math.round(1 / (1 - Number(`0x${threshold.padEnd(14, '0')}`) / 2 ** 56)), 10)
  assert.ok(randomness >= threshold)
  assert.ok((kept()[0]?.spanContext().traceFlags ?? 0) & 1)
  await traces.close(1_000)
})

test("keeps the server's half of a failure in the page, with weight 1", () => {
  const { request, ofPage, traces, kept } = open()
  for (const traceId of [unlucky, lucky]) {
    const server = request(traceId)
    traces.isKept(server, ok)
    server.end()
    traces.acceptBrowserSpans([ofPage(traceId, true)], ok.address)
  }
  assert.equal(kept().length, 2)
  assert.equal(kept('browser').length, 2)
  assert.ok([...kept(), ...kept('browser')].every(({ attributes }) => attributes.SampleRate === 1))
})

test('keeps a failed task of the server, and does not change a decision that an answer has told the page', () => {
  const { tracer, request, traces, names } = open()
  tracer.startSpan('sweep', { startTime: Date.now() - 1_500 }).end()
  tracer.startSpan('delivery').setStatus({ code: SpanStatusCode.ERROR }).end()
  const server = request(unlucky)
  assert.equal(traces.isKept(server, ok), false)
  server.setStatus({ code: SpanStatusCode.ERROR }).end()
  assert.deepEqual(names(), ['sweep', 'delivery'])
})

test('gives an address no more than its share when it repeats a trace id that is kept', async () => {
  const { request, traces, kept } = open()
  const tell = (traceId: string, address: string) => {
    const server = request(traceId)
    const isKept = traces.isKept(server, { ...ok, address })
    server.end()
    return isKept
  }
  const repeated = Array.from({ length: 1_000 }, () => tell(lucky, 'one address')).filter(Boolean)
  const honest = ids.slice(0, 1_000).filter((traceId) => tell(traceId, 'neighbour'))
  await traces.close(1_000)
  assert.ok(repeated.length <= 130, `${repeated.length} of 1,000`)
  assert.equal(honest.length, ids.slice(0, 1_000).filter((traceId) => odds.keeps(traceId) && traceId !== lucky).length)
  assert.equal(kept().filter((span) => span.spanContext().traceId === lucky).length, 0)
})

test('decides about the oldest trace first when it holds too much, and limits the spans of one trace', async () => {
  const { request, child, traces, kept, signals } = open({ traces: 1, spansOfTrace: 2 })
  for (const traceId of [unlucky, secondLucky, secondUnlucky]) request(traceId).end()
  assert.deepEqual(
    kept().map((span) => span.spanContext().traceId),
    [secondLucky],
  )
  const long = request(secondUnlucky)
  child('second', long).end()
  child('third', long).end()
  await traces.close(1_000)
  assert.deepEqual(signals.server.snapshot().dropped, { hold_full: 1, trace_too_long: 1, not_sampled: 2 })
})

test('hands over no more at once than an exporter takes when it closes', async () => {
  const waiting: number[] = []
  const exporter = { queued: 0 }
  const way = {
    signal: testSignal().signal,
    processors: [
      {
        onStart: () => {},
        onEnd: () => void exporter.queued++,
        forceFlush: async () => {
          waiting.push(exporter.queued)
          exporter.queued = 0
        },
        shutdown: async () => {},
      },
    ],
  }
  const likely = oddsOf(0.9, 'a key of this test')
  const traces = keepTraces(likely, { server: way, browser: way })
  const tracer = new TracerProvider({ sampler: samplerOf(likely), spanProcessors: [traces.server] }).getTracer('test')
  for (let n = 0; n < 3_000; n++) tracer.startSpan('sweep').end()
  await traces.close(10_000)
  assert.ok(waiting.length >= 2 && Math.max(...waiting, exporter.queued) <= 1_000, String(waiting))
})

test('keeps faults within a budget; beyond it chance decides, with its weight', async () => {
  const noBudget = { burst: 0, perSecond: 0 }
  const { request, traces, kept } = open({ faults: { each: noBudget } })
  for (const traceId of [lucky, unlucky]) {
    const server = request(traceId)
    assert.equal(traces.isKept(server, failed), traceId === lucky)
    server.end()
  }
  await traces.close(1_000)
  assert.deepEqual(
    kept().map(({ attributes }) => attributes.SampleRate),
    [10],
  )
})

test("holds and weighs nothing at ratio 1, and does not pass on a client's weight", () => {
  const exporter = new InMemorySpanExporter()
  const way = { signal: testSignal().signal, processors: [new SimpleSpanProcessor({ exporter })] }
  const all = oddsOf(1)
  const { server } = keepTraces(all, { server: way, browser: way })
  const tracer = new TracerProvider({ sampler: samplerOf(all), spanProcessors: [server] }).getTracer('test')
  const traceState = createTraceState('ot=th:fffff,vendor=1')
  const client = { traceId: unlucky, spanId: '2'.repeat(16), traceFlags: 0, isRemote: true, traceState }
  tracer.startSpan('request', {}, trace.setSpanContext(ROOT_CONTEXT, client)).end()
  const [span] = exporter.getFinishedSpans()
  assert.ok(span)
  assert.equal(span.attributes.SampleRate, undefined)
  assert.equal(span.spanContext().traceState?.serialize(), 'vendor=1')
})

test('gives weights that are right on average when 1/ratio is not a whole number', () => {
  const uneven = oddsOf(0.4, 'another key')
  const rates = ids.filter(uneven.keeps).map((id) => uneven.samplingOf(id, 2.5).sampleRate)
  const estimated = rates.reduce((sum, rate) => sum + rate, 0)
  assert.deepEqual(new Set(rates), new Set([2, 3]))
  assert.ok(Math.abs(estimated - ids.length) < 150, `${estimated} for ${ids.length}`)
})
