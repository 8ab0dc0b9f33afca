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
const alone = (id: string, parent: string, fields: Partial<Segment> = {}) =>
  segment(id, { type: 'subsegment', parent_id: parent, ...fields })
const draw = (documents: Segment[]) =>
  segmentRows(mergeSegments(documents)).map(({ segment, depth }) => `${'  '.repeat(depth)}${segment.name}`)

test('the two forms of a trace id are each other’s', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.equal(toXrayTraceId(traceId), '1-4bf92f35-77b34da6a3ce929d0e0e4736')
  assert.equal(fromXrayTraceId(toXrayTraceId(traceId)), traceId)
})

test('subsegments that came by themselves hang below their parents, whatever came first', () => {
  const documents = [
    alone('sql', 'service'),
    segment('request', { subsegments: [segment('session')] }),
    alone('service', 'request', { start_time: 1.5 }),
  ]
  const whole = ['request', '  session', '  service', '    sql']
  assert.deepEqual(draw(documents), whole)
  assert.deepEqual(draw(documents.toReversed()), whole)
})

test('a subsegment that came by itself replaces what its segment had of it, and keeps what was below', () => {
  const open: Segment = {
    id: 'service',
    name: 'service',
    start_time: 1,
    in_progress: true,
    subsegments: [segment('sql')],
  }
  const documents = [segment('request', { subsegments: [open] }), alone('service', 'request', { end_time: 3 })]
  const [request] = mergeSegments(documents)
  assert.equal(request?.subsegments?.length, 1)
  assert.equal(request?.subsegments?.[0]?.end_time, 3)
  assert.deepEqual(draw(documents), ['request', '  service', '    sql'])
})

test('a subsegment whose parent has not come stands by itself', () => {
  assert.deepEqual(draw([segment('request'), alone('orphan', 'nobody', { start_time: 0.5 })]), ['orphan', 'request'])
})

test('subsegments that are each other’s parents are all shown once', () => {
  assert.deepEqual(
    draw([alone('a', 'b'), alone('b', 'a')])
      .map((row) => row.trim())
      .sort(),
    ['a', 'b'],
  )
  assert.deepEqual(draw([alone('self', 'self')]), ['self'])
})

test('what was sent is not touched', () => {
  const sent = segment('request', { subsegments: [segment('session')] })
  const before = structuredClone(sent)
  mergeSegments([sent, alone('sql', 'session')])
  assert.deepEqual(sent, before)
})
