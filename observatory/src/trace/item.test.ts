import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exceptionsOf, itemOf } from './item.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'
const ids = { trace_id: traceId, span_id: spanId }
const message = { message: { body: 'words' } }

const places: [string, object][] = [
  ['in custom', { custom: ids, body: message }],
  ['at the top', { ...ids, body: message }],
  ['beside the message', { body: { message: { body: 'words', extra: ids } } }],
  ['beside the frames', { body: { trace: { frames: [], exception: { class: 'E' }, extra: ids } } }],
  ['beside the frames of a chain', { body: { trace_chain: [{ frames: [], exception: { class: 'E' }, extra: ids }] } }],
  ['as the legacy tracer has it', { custom: { opentracing_trace_id: traceId, opentracing_span_id: spanId } }],
  ['in capitals', { custom: { trace_id: traceId.toUpperCase(), span_id: spanId } }],
]

for (const [where, data] of places) {
  test(`the trace id of an item is found ${where}`, () => {
    const item = itemOf(data as never, 'uuid', 7)
    assert.deepEqual([item.traceId, item.spanId], [traceId, spanId])
  })
}

test('an invalid id joins no trace', () => {
  for (const wrong of ['0'.repeat(32), 'x', 7, null, traceId.slice(1)]) {
    assert.equal(itemOf({ custom: { trace_id: wrong } }, 'uuid', 7).traceId, null)
  }
})

test('a chain of exceptions keeps its order, and the first names the item', () => {
  const thrown = (name: string) => ({
    frames: [{ filename: 'a.ts', lineno: 1 }],
    exception: { class: name, message: 'm' },
  })
  const data = { body: { trace_chain: [thrown('Outer'), thrown('Inner')] }, timestamp: 12.5 }
  assert.deepEqual(
    exceptionsOf(data).map((exception) => exception.class),
    ['Outer', 'Inner'],
  )
  const item = itemOf(data, 'uuid', 7)
  assert.deepEqual([item.class, item.message, item.timeMs], ['Outer', 'm', 12_500])
})
