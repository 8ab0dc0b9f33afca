import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startHoneycomb, startRollbar, startXray } from '@cruddur/vendor-doubles'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOffSampler, AlwaysOnSampler, type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { reportFault, signals } from './index.ts'
import { faultProcessor, otlpProcessor, passTo, tailSampling, xrayProcessor } from './parts.ts'
import { openAnswerTrace } from './requests/answer-trace.ts'
import { onSpanEnd } from './spans/span-processors.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

test('sends the spans of an existing provider to three vendors under one id, each with its account', async (t) => {
  const [honeycomb, rollbar, xray] = await Promise.all([startHoneycomb(), startRollbar(), startXray()])
  const names = { ...honeycomb.env, ...rollbar.env, ...xray.env }
  Object.assign(process.env, names)
  t.after(async () => {
    for (const name of Object.keys(names)) delete process.env[name]
    await Promise.all([honeycomb.stop(), rollbar.stop(), xray.stop()])
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop-api' }),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [otlpProcessor(), xrayProcessor({ service: 'shop-api' }), faultProcessor()],
  })
  const visit = 'd65df89f702eec58ca3c7bf2001c9ffc'
  const span = provider.getTracer('test').startSpan('GET /carts/:id', { attributes: { 'session.id': visit } })
  const error = new RangeError('The cart is broken.')
  span.recordException(error)
  span.recordException(error)
  span.end()
  context.with(trace.setSpan(context.active(), span), () => reportFault(error))
  const { traceId } = span.spanContext()
  await provider.forceFlush()
  await xray.waitFor((segments) => segments.length > 0)

  assert.deepEqual(
    honeycomb.spans.map((one) => one.traceId),
    [traceId],
  )
  assert.equal(xray.segments[0]?.trace_id, `1-${traceId.slice(0, 8)}-${traceId.slice(8)}`)
  const [item] = rollbar.items
  assert.match(JSON.stringify(item), new RegExp(traceId))
  assert.equal((item as { custom?: Record<string, unknown> } | undefined)?.custom?.session_id, visit)
  assert.match(JSON.stringify(item), /RangeError.*The cart is broken/)
  assert.deepEqual(
    signals().map(({ name, created, delivered }) => [name, created, delivered]),
    [
      ['spans', 1, 1],
      ['segments', 1, 1],
      ['faults', 1, 1],
    ],
  )
  await provider.shutdown()
})

test('keeps the traces that failed, and says for how many traces each span counts', async () => {
  const kept: ReadableSpan[] = []
  const { sampler, processor } = tailSampling({ ratio: 1e-9, processors: [onSpanEnd((span) => kept.push(span))] })
  const provider = new TracerProvider({ sampler, spanProcessors: [processor] })
  const tracer = provider.getTracer('test')
  tracer.startSpan('fine').end()
  const failed = tracer.startSpan('failed')
  failed.setStatus({ code: 2 })
  failed.end()
  await provider.shutdown()
  assert.deepEqual(
    kept.map(({ name, attributes }) => [name, attributes.SampleRate]),
    [['failed', 1]],
  )
})

test('tells the page whether a provider without `startTracing` keeps the trace', () => {
  const answer = { address: '203.0.113.1', status: 200, durationMs: 1 }
  for (const [sampler, flag] of [
    [new AlwaysOnSampler(), '01'],
    [new AlwaysOffSampler(), '00'],
  ] as const) {
    const span = new TracerProvider({ sampler }).getTracer('test').startSpan('GET /')
    const said = context.with(trace.setSpan(context.active(), span), () => openAnswerTrace()(answer))
    assert.equal(said?.slice(-2), flag)
  }
})

test('gives the spans of pages to the processors of the application', () => {
  const seen: string[] = []
  const ended = new TracerProvider().getTracer('page').startSpan('click buy')
  ended.end()
  passTo(
    onSpanEnd(({ name }) => seen.push(`one ${name}`)),
    onSpanEnd(({ name }) => seen.push(`two ${name}`)),
  )([ended as unknown as ReadableSpan])
  assert.deepEqual(seen, ['one click buy', 'two click buy'])
})
