import './testing.ts'
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { context } from '@opentelemetry/api'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { InMemorySpanExporter, SimpleSpanProcessor, StackContextManager } from '@opentelemetry/sdk-trace-web'
import { createProvider } from '#sdk'
import { type Action, type Interaction, InteractionProcessor, interactionOf, onAction } from './interaction.ts'
import { InteractionInstrumentation } from './interaction-instrumentation.ts'
import { withInteraction } from './interactions.ts'

const idleMs = 600
const spans = new InMemorySpanExporter()
// The page's own provider, which is not the global one.
const provider = createProvider({ spanProcessors: [new InteractionProcessor(), new SimpleSpanProcessor(spans)] })
const instrumentation = new InteractionInstrumentation()
context.setGlobalContextManager(new StackContextManager().enable())
registerInstrumentations({ tracerProvider: provider, instrumentations: [instrumentation] })

beforeEach(() => spans.reset())

const work = () => provider.getTracer('test').startSpan('work', {}, context.active()).end()
const pressButton = (onClick: () => void) => {
  document.body.innerHTML = '<button data-trace="like">17</button>'
  const button = document.querySelector('button') ?? assert.fail()
  button.addEventListener('click', onClick)
  button.click()
}

test('a page with its own provider gets one root for a click and its work', async () => {
  pressButton(work)
  while (spans.getFinishedSpans().length < 2) await setTimeout(10)
  const [child, root] = spans.getFinishedSpans()
  assert.equal(root?.name, 'click like')
  assert.equal(root.attributes['app.interaction.type'], 'click')
  assert.equal(child?.parentSpanContext?.spanId, root.spanContext().spanId)
})

test('an action that turns out to be slow is reported again with its whole duration', async () => {
  const reported: Action[] = []
  const stop = onAction((action) => reported.push(action))
  const acted: (Interaction | undefined)[] = []
  pressButton(() => {
    acted.push(interactionOf(context.active()))
    const attributes = { 'http.request.method': 'GET' }
    provider.getTracer('test').startSpan('GET', { attributes }, context.active()).end()
  })
  const [interaction = assert.fail()] = acted
  interaction.keepUntil(interaction.startedAt + 9_000)
  stop()
  assert.equal(reported.length, 2)
  assert.ok(Math.abs((reported.at(-1)?.durationMs ?? 0) - 9_000) < 1, `${reported.at(-1)?.durationMs} ms`)
  assert.equal(reported[0]?.spanId, reported[1]?.spanId)
})

test('a second copy of the package in the same page hears the actions of the first', async () => {
  const copy: typeof import('./interaction.ts') = await import(`./interaction.ts?${'copy'}`)
  assert.notEqual(copy.onAction, onAction)
  const heard: Action[] = []
  copy.onAction((action) => heard.push(action))
  const request = { attributes: { 'http.request.method': 'GET' } }
  withInteraction('scroll', () => provider.getTracer('test').startSpan('GET', request, context.active()).end())
  assert.deepEqual(
    heard.map(({ name, requests }) => [name, requests]),
    [['scroll', 1]],
  )
  await setTimeout(idleMs)
})

test('a disabled instrumentation starts no interaction', async () => {
  instrumentation.disable()
  pressButton(work)
  await setTimeout(idleMs)
  assert.deepEqual(
    spans.getFinishedSpans().map(({ name, parentSpanContext }) => [name, parentSpanContext]),
    [['work', undefined]],
  )
  instrumentation.enable()
})
