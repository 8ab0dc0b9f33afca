import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { createProvider, type ReadableSpan } from '#sdk'
import { HeldSpans } from './held-spans.ts'

const open = () => {
  const sent: string[] = []
  let leftOut = 0
  const answers = new Map<unknown, boolean>()
  const held = new HeldSpans({
    isRequest: ({ name }) => name.startsWith('GET'),
    isKeptByServer: (span) => answers.get(span) ?? null,
    send: ({ name }) => sent.push(name),
    leaveOut: (spans) => {
      leftOut += spans
    },
  })
  const tracer = createProvider({ spanProcessors: [held] }).getTracer('test')
  const start = (name: string, parent?: Span, startTime?: number) => {
    const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT
    return tracer.startSpan(name, startTime === undefined ? {} : { startTime }, context) as Span & ReadableSpan
  }
  const answer = (span: Span, isKept: boolean | null) => {
    if (isKept !== null) answers.set(span, isKept)
    span.end()
  }
  return { held, sent, leftOut: () => leftOut, start, answer }
}

test('one yes sends the whole trace at once, later spans included', () => {
  const { held, sent, start, answer } = open()
  const click = start('click')
  const [first, second] = [start('GET 1', click), start('GET 2', click)]
  answer(first, false)
  assert.deepEqual(sent, [])
  answer(second, true)
  assert.deepEqual(sent, ['GET 1', 'GET 2'])
  click.end()
  assert.deepEqual(sent, ['GET 1', 'GET 2', 'click'])
  assert.equal(held.isKept(click.spanContext().traceId), true)
})

test('when every answer says no, the trace is left out and counted', () => {
  const { held, sent, leftOut, start, answer } = open()
  const click = start('click')
  const late = start('GET 2', click)
  answer(start('GET 1', click), false)
  click.end()
  assert.equal(leftOut(), 0, 'a request is still open')
  answer(late, false)
  assert.equal(leftOut(), 3)
  start('after', click).end()
  held.release()
  assert.equal(leftOut(), 4)
  assert.deepEqual(sent, [])
  assert.equal(held.isKept(click.spanContext().traceId), false)
})

test('a trace with a failure or a slow action is sent whatever the answers say', () => {
  const { held, sent, start, answer } = open()
  const click = start('click')
  answer(start('GET 1', click), false)
  assert.equal(held.isKept(click.spanContext().traceId), false)
  start('exception', click).setStatus({ code: SpanStatusCode.ERROR }).end()
  assert.deepEqual(sent, ['GET 1', 'exception'])
  assert.equal(held.isKept(click.spanContext().traceId), true)
  const slow = start('slow click', undefined, Date.now() - 1_500)
  answer(start('GET 2', slow), false)
  slow.end()
  assert.deepEqual(sent.slice(2), ['GET 2', 'slow click'])
})

test('web vitals are always sent', () => {
  const { sent, leftOut, start, answer } = open()
  const load = start('load')
  answer(start('GET 1', load), false)
  load.addEvent('browser.web_vital').end()
  assert.deepEqual(sent, ['load'])
  assert.equal(leftOut(), 1)
})

test('a trace without requests, or without an answer, is sent for the server to decide', () => {
  const { sent, start, answer } = open()
  const scroll = start('scroll')
  start('render', scroll).end()
  scroll.end()
  const click = start('click')
  answer(start('GET 1', click), false)
  answer(start('GET 2', click), null)
  click.end()
  assert.deepEqual(sent, ['render', 'scroll', 'GET 1', 'GET 2', 'click'])
})

test('a page that closes sends every trace that was not refused', () => {
  const { held, sent, leftOut, start, answer } = open()
  const [refused, other] = [start('refused'), start('open')]
  answer(start('GET 1', refused), false)
  start('render', other).end()
  held.release()
  assert.deepEqual(sent, ['render'])
  refused.end()
  assert.equal(leftOut(), 2)
})

test('the number of held traces is bounded, and the oldest is sent first', () => {
  const { sent, start } = open()
  for (let n = 0; n < 600; n++) start(`render ${n}`, start('click')).end()
  assert.equal(sent.length, 100)
  assert.equal(sent[0], 'render 0')
})
