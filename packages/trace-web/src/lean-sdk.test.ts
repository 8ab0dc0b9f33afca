import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import { suppressTracing, TraceState } from '@opentelemetry/core'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import type { ReadableSpan, SpanProcessor } from '#sdk'
import { createProvider as createLean } from './lean-sdk.ts'
import { createProvider as createSdk2 } from './sdk.ts'
import { createProvider as createSdk3 } from './sdk-trace.ts'

type Ended = { name: string; json: string }

/** All make the same calls at the same times. The ids are random, so they are replaced by their order. */
const spansOf = (
  createProvider: (settings: Parameters<typeof createLean>[0] & { spanProcessors: SpanProcessor[] }) => TracerProvider,
  { mock }: TestContext,
  act: (tracer: Tracer, at: (ms: number) => void) => void,
): Ended[] => {
  let clock = 5_000.25
  const drift = 37
  mock.method(performance, 'now', () => clock)
  mock.method(Date, 'now', () => Math.floor(performance.timeOrigin + clock + drift))
  const ended: ReadableSpan[] = []
  const started: string[] = []
  const processor: SpanProcessor = {
    onStart: (span, parent) => {
      started.push(`${(span as unknown as ReadableSpan).name} ${trace.getSpan(parent) !== undefined}`)
      span.setAttribute('started', started.length)
    },
    onEnd: (span) => void ended.push(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
  const attributes = { 'service.name': 'shop', kinds: ['a', 'b'] }
  const provider = createProvider({ attributes, spanProcessors: [processor] })
  act(provider.getTracer('test', '1.2.3', { schemaUrl: 'https://schema.test/' }), (ms) => {
    clock += ms
  })
  mock.restoreAll()
  const ids = new Map<string, string>()
  const named = (json: string) =>
    json.replace(/"(?:[0-9a-f]{32}|[0-9a-f]{16})"/g, (id) => {
      if (!ids.has(id)) ids.set(id, `"${id.length - 2}-${ids.size}"`)
      return ids.get(id) as string
    })
  const spans = ended.map((span) => ({
    name: span.name,
    json: named(withoutSdk(new TextDecoder().decode(JsonTraceSerializer.serializeRequest([span])))),
  }))
  return [...spans, { name: 'started', json: started.join() }]
}

/** Each names itself as the SDK. */
const withoutSdk = (json: string) => json.replace(/\{"key":"telemetry\.sdk\.[^}]*\}\},?/g, '').replace('},]', '}]')

const isLikeTheSdk = (t: TestContext, act: (tracer: Tracer, at: (ms: number) => void) => void, spans: number) => {
  const lean = spansOf(createLean, t, act)
  assert.deepEqual(lean, spansOf(createSdk2, t, act))
  assert.deepEqual(lean, spansOf(createSdk3, t, act))
  assert.equal(lean.length, spans + 1)
}

test('a span has the attributes, events, links and status that the SDK gives it', (t) => {
  const thrown = new TypeError('no')
  const act = (tracer: Tracer) => {
    const odd = {
      '': 1,
      object: {},
      mixed: [1, 'a'],
      holes: [null, 'a'],
      none: undefined,
      list: [1, 2],
      yes: true,
    } as never
    const other = tracer.startSpan('other').spanContext()
    const link = { context: { ...other, isRemote: true }, attributes: odd }
    const span = tracer.startSpan('click', {
      kind: SpanKind.CLIENT,
      attributes: odd,
      links: [link, { context: other }],
    })
    span
      .setAttribute('', 1)
      .setAttribute('object', {} as never)
      .setAttribute('text', 'a')
      .setAttributes(odd)
    span.addEvent('plain').addEvent('odd', odd).addLink(link).addLinks([link]).updateName('like')
    span.recordException(thrown)
    span.recordException('text')
    span.recordException({ code: 42, message: 'coded' })
    span.recordException({} as never)
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'bad' }).setStatus({ code: SpanStatusCode.UNSET })
    span.end()
    span.setAttribute('late', 1).addEvent('late').updateName('late').setStatus({ code: SpanStatusCode.OK }).end()
    const fine = tracer.startSpan('fine').setStatus({ code: SpanStatusCode.OK, message: 'dropped' })
    fine.setStatus({ code: SpanStatusCode.ERROR }).end()
    const wrong = tracer.startSpan('wrong').setStatus({ code: SpanStatusCode.ERROR, message: 7 as never })
    wrong.end()
    assert.deepEqual([span.isRecording(), tracer.startSpan('open').isRecording()], [false, true])
  }
  isLikeTheSdk(t, act, 3)
})

test('a span has the times that the SDK gives it, whichever clock they come from', (t) => {
  const act = (tracer: Tracer, at: (ms: number) => void) => {
    const starts = [undefined, 1_234.5, Date.now() - 100, new Date(Date.now() - 50), [1_700_000_000, 5]] as const
    for (const startTime of starts) {
      for (const endTime of [...starts, new Date(0)]) {
        const span = tracer.startSpan('timed', startTime === undefined ? {} : ({ startTime } as SpanOptions))
        at(12.5)
        span.addEvent('now').addEvent('then', 4_000.125).addEvent('both', { a: 1 }, Date.now())
        span.addEvent('date', new Date(1_700_000_000_000)).addEvent('pair', [1_700_000_000, 7])
        at(3.125)
        span.end(endTime as number)
      }
    }
  }
  isLikeTheSdk(t, act, 30)
})

test('a span has the parent that the SDK gives it', (t) => {
  const act = (tracer: Tracer) => {
    const nested = (name: string, parent: Span, more: SpanOptions = {}) =>
      tracer.startSpan(name, more, trace.setSpan(ROOT_CONTEXT, parent))
    const root = tracer.startSpan('root')
    const child = nested('child', root)
    nested('grandchild', child).end()
    nested('new root', child, { root: true }).end()
    child.end()
    root.end()
    const remote = (traceFlags: TraceFlags, traceId = '1'.repeat(32)) =>
      trace.wrapSpanContext({
        traceId,
        spanId: '2'.repeat(16),
        traceFlags,
        isRemote: true,
        traceState: new TraceState('a=b'),
      })
    nested('of a remote parent', remote(TraceFlags.SAMPLED)).end()
    nested('of an invalid parent', remote(TraceFlags.SAMPLED, '0'.repeat(32))).end()
    const unsampled = nested('of an unsampled parent', remote(TraceFlags.NONE))
    const { traceId, traceFlags } = unsampled.spanContext()
    assert.deepEqual([traceId, traceFlags, unsampled.isRecording()], ['1'.repeat(32), TraceFlags.NONE, false])
    const suppressed = tracer.startSpan('suppressed', {}, suppressTracing(trace.setSpan(ROOT_CONTEXT, root)))
    assert.equal(suppressed.spanContext().traceId, '0'.repeat(32))
    const given: Attributes = { a: 1 }
    assert.equal(
      tracer.startActiveSpan('active', (span) => span.isRecording()),
      true,
    )
    tracer.startActiveSpan('with options', { attributes: given }, (span) => span.end())
    tracer.startActiveSpan('with a context', {}, trace.setSpan(context.active(), root), (span) => span.end())
  }
  isLikeTheSdk(t, act, 8)
})
