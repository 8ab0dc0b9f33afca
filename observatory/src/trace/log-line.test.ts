import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logLineOf } from './log-line.ts'

const event = { id: '1', timeMs: 5, group: 'cruddur', stream: 's' }
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

test('a line of JSON is parsed; unknown names become its fields', () => {
  const text = JSON.stringify({
    level: 'info',
    message: 'said',
    trace_id: traceId,
    span_id: '00f067aa0ba902b7',
    status: 200,
  })
  assert.deepEqual(logLineOf({ ...event, text }), {
    ...event,
    level: 'info',
    message: 'said',
    traceId,
    spanId: '00f067aa0ba902b7',
    fields: { status: 200 },
  })
})

test('a trace id in X-Ray’s form is understood', () => {
  const text = JSON.stringify({ message: 'said', xray_trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736' })
  assert.equal(logLineOf({ ...event, text }).traceId, traceId)
})

for (const text of ['plain words', '[1,2]', '"text"', '{"message":', 'null']) {
  test(`${text} is a message without a trace`, () => {
    const line = logLineOf({ ...event, text })
    assert.deepEqual([line.message, line.traceId, line.fields], [text, null, {}])
  })
}
