import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Refusal } from './protocol.ts'
import { type Segment, takeDatagram } from './xray.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const header = '{"format":"json","version":1}\n'
const segment = (fields: object = {}): object => ({
  name: 'cruddur-backend',
  id: '00f067aa0ba902b7',
  trace_id: '1-4bf92f35-77b34da6a3ce929d0e0e4736',
  start_time: 1_795_214_400.123,
  end_time: 1_795_214_400.2,
  ...fields,
})

const send = (...datagrams: string[]) => {
  const segments: Segment[] = []
  const refusals: Refusal[] = []
  const sink = { segment: (one: Segment) => segments.push(one), refused: (one: Refusal) => refusals.push(one) }
  for (const datagram of datagrams) takeDatagram(sink, Buffer.from(datagram))
  return { segments, refusals }
}

const taken: [string, object][] = [
  ['a whole one', segment()],
  ['one in progress', segment({ end_time: undefined, in_progress: true })],
  ['a subsegment by itself', segment({ type: 'subsegment', parent_id: '53995c3f42cd8ad8' })],
  [
    'one with subsegments',
    segment({ subsegments: [{ name: 'x', id: '53995c3f42cd8ad8', start_time: 1, end_time: 2 }] }),
  ],
  ['one with every character that is allowed', segment({ name: 'Ünïcode 9_.:/%&#=+\\-@' })],
  ['one of 63 kB', segment({ metadata: { default: 'x'.repeat(63_000) } })],
]

for (const [what, document] of taken) {
  test(`${what} is accepted`, () => {
    const { segments, refusals } = send(header + JSON.stringify(document))
    assert.deepEqual(refusals, [])
    assert.deepEqual(segments, [JSON.parse(JSON.stringify(document))])
  })
}

test('the header is read as the daemon reads it', () => {
  assert.equal(send(`{"version":1,"format":"JSON"}\n${JSON.stringify(segment())}`).segments.length, 1)
})

const child = (fields: object) =>
  segment({ subsegments: [{ name: 'x', id: '53995c3f42cd8ad8', start_time: 1, end_time: 2, ...fields }] })
const deep = () => {
  let node: object = { name: 'x', id: '53995c3f42cd8ad8', start_time: 1, end_time: 2 }
  for (let depth = 0; depth < 110; depth++)
    node = { name: 'x', id: '53995c3f42cd8ad8', start_time: 1, end_time: 2, subsegments: [node] }
  return segment({ subsegments: [node] })
}

const refused: [string, string, RegExp][] = [
  ['no header line', JSON.stringify(segment()), /does not begin with the line/],
  ['another format', `{"format":"xml","version":1}\n${JSON.stringify(segment())}`, /does not begin with the line/],
  ['another version', `{"format":"json","version":2}\n${JSON.stringify(segment())}`, /does not begin with the line/],
  ['nothing at all', '', /does not begin with the line/],
  ['a document that is not JSON', `${header}not json`, /not a JSON object/],
  ['a list', `${header}[]`, /not a JSON object/],
  ['more than 64 kB', header + JSON.stringify(segment({ user: 'x'.repeat(64_000) })), /more than 64 kB/],
  ...(
    [
      ['no name', segment({ name: undefined }), /^name is missing/],
      ['an empty name', segment({ name: '' }), /^name is missing/],
      ['a long name', segment({ name: 'x'.repeat(201) }), /201 characters/],
      ['a character that is not allowed', segment({ name: 'GET /<id>' }), /character "<"/],
      ['a line break in the name', segment({ name: 'a\u0000b' }), /character "\\u0000"/],
      ['no id', segment({ id: undefined }), /^id \(missing\)/],
      ['a short id', segment({ id: 'f067' }), /^id "f067"/],
      ['a W3C trace id', segment({ trace_id: traceId }), /^trace_id "4bf9/],
      ['no trace id', segment({ trace_id: undefined }), /^trace_id \(missing\)/],
      ['a parent id that is not an id', segment({ parent_id: 'x' }), /^parent_id "x"/],
      ['a lone subsegment without a parent', segment({ type: 'subsegment' }), /needs a parent_id/],
      ['no start', segment({ start_time: undefined }), /^start_time \(missing\)/],
      ['a start in text', segment({ start_time: '1795214400' }), /^start_time "1795214400"/],
      ['a start in milliseconds', segment({ start_time: 1_795_214_400_123 }), /^start_time 1795214400123/],
      ['no end', segment({ end_time: undefined }), /neither end_time nor in_progress/],
      ['an end that is null', segment({ end_time: null }), /^end_time null/],
      ['a subsegment without an id', child({ id: undefined }), /^below "cruddur-backend": id \(missing\)/],
      ['a subsegment without an end', child({ end_time: undefined }), /neither end_time/],
      ['subsegments that are not a list', segment({ subsegments: {} }), /are not a list/],
      ['subsegments without end', deep(), /nested deeper/],
    ] as [string, object, RegExp][]
  ).map(([what, document, why]): [string, string, RegExp] => [what, header + JSON.stringify(document), why]),
]

for (const [what, datagram, why] of refused) {
  test(`a datagram with ${what} is refused with the reason`, () => {
    const { segments, refusals } = send(datagram)
    assert.deepEqual([segments.length, refusals.length, refusals[0]?.what], [0, 1, 'segment'])
    assert.match(refusals[0]?.reason ?? '', why)
  })
}
