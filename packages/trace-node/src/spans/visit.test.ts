import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { CompositePropagator } from '@opentelemetry/core'
import { type ReadableSpan, type Span, TracerProvider } from '@opentelemetry/sdk-trace'
import { inTraceOfRequest } from '../current-trace.ts'
import { activeTraceIds } from '../trace-ids.ts'
import { onSpanEnd } from './span-processors.ts'
import { TraceContextPropagator } from './trace-context.ts'
import { copyVisit, currentVisitId, VisitPropagator } from './visit.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const ended: ReadableSpan[] = []
const tracer = new TracerProvider({
  spanProcessors: [copyVisit, onSpanEnd((span) => ended.push(span))],
}).getTracer('test')
const propagator = new CompositePropagator({ propagators: [new TraceContextPropagator(), new VisitPropagator()] })

const secret = '000102030405060708090a0b0c0d0e0f'
const id = 'd65df89f702eec58ca3c7bf2001c9ffc'
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const received = (headers: Record<string, string>) => propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)
const below = (parent: Context, name: string): [Span, Context] => {
  const span = tracer.startSpan(name, {}, parent)
  return [span as Span, trace.setSpan(parent, span)]
}

test('a visit is on the span of its request, on the spans below it, and in the ids of items and lines', () => {
  for (const headers of [{ 'x-visit': secret }, { 'x-visit': secret, traceparent }]) {
    const [request, inRequest] = below(received(headers), 'request')
    const [useCase, inUseCase] = below(inRequest, 'use case')
    const [query] = below(inUseCase, 'query')
    for (const { attributes } of [request, useCase, query]) assert.equal(attributes['session.id'], id)
    assert.equal(context.with(inUseCase, activeTraceIds).session_id, id)
    for (const span of [query, useCase, request]) span.end()
  }
})

test('a span for a request without one has the visit and the trace of its headers', () => {
  propagation.setGlobalPropagator(propagator)
  const headers = { 'x-visit': secret, traceparent }
  const opening = inTraceOfRequest({ headers }, () => tracer.startSpan('opening')) as Span
  assert.equal(opening.spanContext().traceId, traceparent.slice(3, 35))
  assert.equal(opening.attributes['session.id'], id)
  propagation.disable()
})

test('nothing but the header names a visit', () => {
  for (const headers of [
    {},
    { 'x-visit': `${secret}, ${secret}` },
    { baggage: `session.id=${id},x-visit=${secret}`, traceparent },
    { tracestate: `session.id=${id},x-visit=${secret}`, traceparent },
    { 'session.id': id, 'session-id': id },
  ] as Record<string, string>[]) {
    const [{ attributes }, inRequest] = below(received(headers), 'request')
    assert.equal(attributes['session.id'], undefined)
    assert.equal(currentVisitId(inRequest), undefined)
    assert.equal('session_id' in context.with(inRequest, activeTraceIds), false)
  }
  assert.notEqual(currentVisitId(received({ 'x-visit': id })), id, 'the id is not its own secret')
})

test('no request of this process carries the visit to another server', () => {
  const [, inRequest] = below(received({ 'x-visit': secret, traceparent }), 'request')
  const sent: Record<string, string> = {}
  propagator.inject(inRequest, sent, defaultTextMapSetter)
  assert.deepEqual(Object.keys(sent), ['traceparent'])
})
