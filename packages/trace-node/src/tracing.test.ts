import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attr } from '@cruddur/wire/names'
import { context, type DiagLogger, diag, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { type ReadableSpan, TracerProvider } from '@opentelemetry/sdk-trace'
import { annotateUser, reportFault } from './tracing.ts'

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
const startSpan = () => new TracerProvider().getTracer('test').startSpan('request')

test('adds nothing to a span that has ended', (t) => {
  const said: unknown[][] = []
  const say = (...words: unknown[]) => void said.push(words)
  diag.setLogger({ error: say, warn: say, info: say, debug: say, verbose: say } satisfies DiagLogger)
  t.after(() => diag.disable())
  const span = startSpan()
  span.end()
  said.length = 0
  context.with(trace.setSpan(context.active(), span), () => {
    annotateUser('worf')
    reportFault(new Error('too late'))
  })
  assert.deepEqual(said, [])
})

test('adds facts and faults to a span that is still open', () => {
  const span = startSpan()
  context.with(trace.setSpan(context.active(), span), () => {
    annotateUser('worf')
    reportFault(new Error('in time'))
  })
  const { attributes, status, events } = span as unknown as ReadableSpan
  assert.equal(attributes[attr.userId], 'worf')
  assert.equal(status.message, 'in time')
  assert.equal(events.length, 1)
})
