import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { isBalanced, testSignal } from '../testing.ts'
import { keepTraces } from './held-traces.ts'
import { limitRefusals } from './refused-traces.ts'
import { oddsOf, samplerOf } from './sampler.ts'

const address = '203.0.113.1'

const open = () => {
  const exporters = { server: new InMemorySpanExporter(), browser: new InMemorySpanExporter() }
  const signals = { server: testSignal().signal, browser: testSignal().signal }
  const way = (half: 'server' | 'browser') => ({
    signal: signals[half],
    processors: [new SimpleSpanProcessor({ exporter: exporters[half] })],
  })
  const odds = oddsOf(1)
  const traces = limitRefusals(keepTraces(odds, { server: way('server'), browser: way('browser') }), signals)
  const page = new TracerProvider({ sampler: samplerOf(odds) }).getTracer('page')
  const server = new TracerProvider({ sampler: samplerOf(odds), spanProcessors: [traces.server] }).getTracer('server')
  const under = (parent: Span) => trace.setSpanContext(ROOT_CONTEXT, { ...parent.spanContext(), isRemote: true })
  const request = (click: Span, status: number) => {
    const hop = page.startSpan('hop', {}, under(click))
    const own = server.startSpan('request', { kind: SpanKind.SERVER }, under(hop))
    if (status === 429) traces.refuse(own, address)
    const isKept = traces.isKept(own, { address, status, durationMs: 1 })
    own.end()
    hop.end()
    traces.server.onEnd(hop as unknown as ReadableSpan)
    return isKept
  }
  const click = () => page.startSpan('click')
  const post = (span: Span) => {
    span.end()
    traces.acceptBrowserSpans([span as unknown as ReadableSpan], address)
  }
  const names = (half: 'server' | 'browser', { traceId }: { traceId: string }) =>
    exporters[half].getFinishedSpans().flatMap((span) => (span.spanContext().traceId === traceId ? span.name : []))
  const exported = (span: Span) => [...names('server', span.spanContext()), ...names('browser', span.spanContext())]
  return { signals, request, click, post, exported }
}

test("leaves out all spans of a refused request: the backend's, the page server's and the page's", (t) => {
  // A second that passes would allow one more.
  t.mock.method(performance, 'now', () => 1_000)
  const { signals, request, click, post, exported } = open()
  for (let n = 0; n < 20; n++) {
    const kept = click()
    assert.equal(request(kept, 429), true)
    post(kept)
    assert.deepEqual(exported(kept), ['request', 'hop', 'click'])
  }
  const leftOut = click()
  assert.equal(request(leftOut, 429), false)
  post(leftOut)
  assert.deepEqual(exported(leftOut), [])
  assert.deepEqual(signals.server.snapshot().dropped, { refused_request: 2 })
  assert.deepEqual(signals.browser.snapshot().dropped, { refused_request: 1 })
  assert.ok(isBalanced(signals.server) && isBalanced(signals.browser))

  for (const statuses of [
    [200, 429],
    [429, 200],
  ]) {
    const partly = click()
    assert.deepEqual(
      statuses.map((status) => request(partly, status)),
      statuses.map((status) => status === 200),
    )
    post(partly)
    assert.deepEqual(exported(partly), ['request', 'hop', 'click'], 'a trace with an answered request stays whole')
  }
})
