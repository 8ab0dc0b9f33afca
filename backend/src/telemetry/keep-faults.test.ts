import assert from 'node:assert/strict'
import { test } from 'node:test'
import { context, ROOT_CONTEXT, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SamplingDecision, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { KeepFaults } from './keep-faults.ts'

const open = (): { tracer: Tracer; kept: () => string[] } => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({
    sampler: { shouldSample: () => ({ decision: SamplingDecision.RECORD }), toString: () => 'RecordOnly' },
    spanProcessors: [new KeepFaults([new SimpleSpanProcessor({ exporter })])],
  })
  return {
    tracer: provider.getTracer('test'),
    kept: () => exporter.getFinishedSpans().map(({ name }) => name),
  }
}

const remote = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: '1'.repeat(32),
  spanId: '2'.repeat(16),
  traceFlags: 0,
  isRemote: true,
})

test('a request that fails is kept whole, also when what it announced was delivered before it ended', () => {
  const { tracer, kept } = open()
  const request = tracer.startSpan('request', {}, remote)
  const service = tracer.startSpan('service', {}, trace.setSpan(remote, request))
  const sql = tracer.startSpan('sql', {}, trace.setSpan(remote, service))
  sql.end()
  const caused = trace.setSpanContext(ROOT_CONTEXT, { ...service.spanContext(), isRemote: true })
  const delivery = tracer.startSpan('delivery', {}, caused)
  tracer.startSpan('followers', {}, trace.setSpan(context.active(), delivery)).end()
  delivery.end()
  assert.deepEqual(kept(), [], 'nothing was wrong with the delivery')
  service.end()
  request.setStatus({ code: SpanStatusCode.ERROR }).end()
  assert.deepEqual(kept(), ['sql', 'service', 'request'])
})

test('a request that is fast and well leaves nothing behind', () => {
  const { tracer, kept } = open()
  const request = tracer.startSpan('request', {}, remote)
  tracer.startSpan('sql', {}, trace.setSpan(remote, request)).end()
  request.end()
  assert.deepEqual(kept(), [])
})
