import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultTextMapSetter, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api'
import { suppressTracing, TraceState, W3CTraceContextPropagator } from '@opentelemetry/core'
import { PagePropagator } from './page-propagator.ts'

const span = (more: Partial<SpanContext> = {}) =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    ...more,
  })

const contexts = {
  'a span': span(),
  'a span that is not sampled': span({ traceFlags: 0 }),
  'a span with a trace state': span({ traceState: new TraceState('a=b,c=d') }),
  'no span': ROOT_CONTEXT,
  'a span without ids': span({ traceId: '0'.repeat(32) }),
  'suppressed tracing': suppressTracing(span()),
}

for (const [name, context] of Object.entries(contexts))
  test(`writes the headers of OpenTelemetry's propagator for ${name}`, () => {
    const [ours, theirs] = [{}, {}]
    new PagePropagator().inject(context, ours, defaultTextMapSetter)
    new W3CTraceContextPropagator().inject(context, theirs, defaultTextMapSetter)
    assert.deepEqual(ours, theirs)
  })
