import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromXrayTraceId, mergeSegments, type Segment, segmentRows, toXrayTraceId } from './segment.ts'

const segment = (id: string, fields: Partial<Segment> = {}): Segment => ({
  id,
  name: id,
  start_time: 1,
  end_time: 2,
  ...fields,
})
const sentAlone = (id: string, parent: string, fields: Partial<Segment> = {}) =>
  segment(id, { type: 'subsegment', parent_id: parent, ...fields })
const draw = (documents: Segment[]) =>
  segmentRows(mergeSegments(documents)).map(({ segment, depth }) => `${'  '.repeat(depth)}${segment.name}`)

test('the two forms of a trace id convert both ways', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(toXrayTraceId(traceId), '1-4bf92f35-77b34da6a3ce929d0e0e4736')
  assert.equal(fromXrayTraceId(toXrayTraceId(traceId)), traceId)
})

test('subsegments that arrived alone are put below their parents, in any order', () => {
  const documents = [
    sentAlone('sql', 'service'),
    segment('request', { subsegments: [segment('session')] }),
    sentAlone('service', 'request', { start_time: 1.5 }),
  ]
  const whole = ['request', '  session', '  service', '    sql']
  assert.deepEqual(draw(documents), whole)
  assert.deepEqual(draw(documents.toReversed()), whole)
})

test('a subsegment that arrived alone replaces the copy in its segment and keeps its children', () => {
  const open: Segment = {
    id: 'service',
    name: 'service',
    start_time: 1,
    in_progress: true,
    subsegments: [segment('sql')],
  }
  const documents = [segment('request', { subsegments: [open] }), sentAlone('service', 'request', { end_time: 3 })]
  const [request] = mergeSegments(documents)
  assert.equal(request?.subsegments?.length, 1)
  assert.equal(request?.subsegments?.[0]?.end_time, 3)
  assert.deepEqual(draw(documents), ['request', '  service', '    sql'])
})

test('a subsegment whose parent has not arrived is a row of its own', () => {
  assert.deepEqual(draw([segment('request'), sentAlone('orphan', 'missing', { start_time: 0.5 })]), [
    'orphan',
    'request',
  ])
})

test('merging does not change the documents that were sent', () => {
  const sent = segment('request', { subsegments: [segment('session')] })
  const before = structuredClone(sent)
  mergeSegments([sent, sentAlone('sql', 'session')])
  assert.deepEqual(sent, before)
})
