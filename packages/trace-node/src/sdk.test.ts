import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logs, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import { InMemoryLogRecordExporter, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { AlwaysOnSampler, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import { startSdk } from './sdk.ts'
import { TraceContextPropagator } from './spans/trace-context.ts'

test('obeys the variables of the SDK, as NodeSDK does', async (t) => {
  const variables = {
    OTEL_NODE_RESOURCE_DETECTORS: 'env',
    OTEL_RESOURCE_ATTRIBUTES: 'shop.region=eu',
    OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '1',
    OTEL_SPAN_EVENT_COUNT_LIMIT: '2',
    OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '3',
  }
  Object.assign(process.env, variables)
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })
  const [spans, records] = [new InMemorySpanExporter(), new InMemoryLogRecordExporter()]
  startSdk({
    resource: emptyResource(),
    sampler: new AlwaysOnSampler(),
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans })],
    logRecordProcessors: [new SimpleLogRecordProcessor({ exporter: records })],
    metricReaders: [],
    views: [],
    propagator: new TraceContextPropagator(),
    instrumentations: [],
  })
  const span = trace.getTracer('test').startSpan('GET /', { attributes: { a: '12345', b: 'left out' } })
  for (const name of ['one', 'two', 'three']) span.addEvent(name)
  span.end()
  logs.getLogger('test').emit({ body: 'a line', attributes: { a: '12345' } })

  const [ended] = spans.getFinishedSpans()
  assert.deepEqual(ended?.attributes, { a: '123' })
  assert.deepEqual(
    ended?.events.map(({ name }) => name),
    ['two', 'three'],
  )
  assert.equal(ended?.resource.attributes['shop.region'], 'eu')
  assert.equal(ended?.resource.attributes['host.name'], undefined)
  assert.deepEqual(records.getFinishedLogRecords()[0]?.attributes, { a: '123' })
  const carrier: Record<string, string> = {}
  propagation.inject(trace.setSpan(ROOT_CONTEXT, span), carrier)
  assert.equal(carrier.traceparent?.split('-')[1], span.spanContext().traceId)
})
