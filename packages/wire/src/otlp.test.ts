import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import {
  JsonLogsSerializer,
  JsonTraceSerializer,
  ProtobufLogsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import {
  decodeLogsRequest,
  decodeTraceRequest,
  isSpanId,
  isTraceId,
  MalformedOtlp,
  type OtlpContentType,
  plainAttributes,
  TooMuchOtlp,
} from './otlp.ts'

const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }

const exported = () => {
  const exporter = new InMemorySpanExporter()
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })
  const tracer = provider.getTracer('feed', '1.2.3')
  const span = tracer.startSpan(
    'SELECT cruddur',
    {
      kind: SpanKind.CLIENT,
      startTime: [1795214400, 123456789],
      links: [{ context: { ...parent, spanId: '00f067aa0ba902b7' }, attributes: { why: 'retry' } }],
      attributes: {
        'db.query.text': 'SELECT 1 — «żółw» 🐢',
        rows: 42,
        negative: -7,
        beyond: 2 ** 52 + 1,
        ratio: 0.25,
        cached: false,
        tags: ['a', 'b'],
        sizes: [1, 2, 3],
      },
    },
    trace.setSpanContext(ROOT_CONTEXT, parent),
  )
  span.addEvent('exception', { 'exception.type': 'Error' }, [1795214400, 200000000])
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'deadlock' })
  span.end([1795214400, 987654321])
  return exporter.getFinishedSpans()
}

const spans = exported()
const protobuf = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array
const json = JsonTraceSerializer.serializeRequest(spans) as Uint8Array

const bytes = (...values: number[]) => Uint8Array.from(values)
const field = (number: number, content: Uint8Array) => {
  const length: number[] = []
  for (let rest = content.length; ; rest >>>= 7) {
    length.push(rest > 127 ? (rest & 127) | 128 : rest)
    if (rest <= 127) break
  }
  return Uint8Array.from([number * 8 + 2, ...length, ...content])
}

test("reads the exporter's protobuf and JSON of a span alike", () => {
  const decoded = decodeTraceRequest(protobuf, 'application/x-protobuf')
  assert.deepEqual(decoded, decodeTraceRequest(json, 'application/json'))
})

test("keeps a span's ids, times, kind, status, attributes, events and links", () => {
  const scope = decodeTraceRequest(protobuf, 'application/x-protobuf').resourceSpans[0]?.scopeSpans[0]
  const span = scope?.spans[0]
  assert.ok(span)
  assert.equal(scope?.scope.name, 'feed')
  assert.equal(scope?.scope.version, '1.2.3')
  assert.equal(span.traceId, parent.traceId)
  assert.equal(span.parentSpanId, parent.spanId)
  assert.ok(isSpanId(span.spanId))
  assert.equal(span.name, 'SELECT cruddur')
  assert.equal(span.kind, 3)
  assert.equal(span.startTimeUnixNano, '1795214400123456789')
  assert.equal(span.endTimeUnixNano, '1795214400987654321')
  assert.deepEqual(span.status, { code: 2, message: 'deadlock' })
  assert.deepEqual(plainAttributes(span.attributes), {
    'db.query.text': 'SELECT 1 — «żółw» 🐢',
    rows: 42,
    negative: -7,
    beyond: 2 ** 52 + 1,
    ratio: 0.25,
    cached: false,
    tags: ['a', 'b'],
    sizes: [1, 2, 3],
  })
  assert.equal(span.events[0]?.name, 'exception')
  assert.equal(span.events[0]?.timeUnixNano, '1795214400200000000')
  assert.equal(span.links[0]?.spanId, '00f067aa0ba902b7')
  assert.deepEqual(plainAttributes(span.links[0]?.attributes ?? []), { why: 'retry' })
})

test('reads an empty protobuf body and {} as an empty request', () => {
  assert.deepEqual(decodeTraceRequest(bytes(), 'application/x-protobuf'), { resourceSpans: [] })
  assert.deepEqual(decodeTraceRequest(new TextEncoder().encode('{}'), 'application/json'), { resourceSpans: [] })
})

test('refuses protobuf that is cut anywhere, and throws only MalformedOtlp', () => {
  let refused = 0
  for (let length = 1; length < protobuf.length; length++) {
    try {
      decodeTraceRequest(protobuf.subarray(0, length), 'application/x-protobuf')
    } catch (error) {
      assert.ok(error instanceof MalformedOtlp)
      refused++
    }
  }
  assert.equal(refused, protobuf.length - 1)
})

test('throws only MalformedOtlp for protobuf with any byte flipped', () => {
  for (let at = 0; at < protobuf.length; at++) {
    for (const flip of [1, 0x80, 0xff]) {
      const broken = Uint8Array.from(protobuf)
      broken[at] = (broken[at] as number) ^ flip
      try {
        decodeTraceRequest(broken, 'application/x-protobuf')
      } catch (error) {
        assert.ok(error instanceof MalformedOtlp, `byte ${at}: ${error}`)
      }
    }
  }
})

test('skips unknown fields of every wire type', () => {
  const unknown = bytes(
    0xf8,
    0x06,
    0x96,
    0x01,
    0xf9,
    0x06,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    0xfa,
    0x06,
    1,
    9,
    0xfd,
    0x06,
    1,
    2,
    3,
    4,
  )
  const decoded = decodeTraceRequest(Uint8Array.from([...unknown, ...protobuf]), 'application/x-protobuf')
  assert.deepEqual(decoded, decodeTraceRequest(protobuf, 'application/x-protobuf'))
})

test('skips a known field of another wire type', () => {
  assert.deepEqual(decodeTraceRequest(bytes(0x08, 0x01), 'application/x-protobuf'), { resourceSpans: [] })
})

test('refuses malformed protobuf', () => {
  const cases = {
    'a length beyond the body': bytes(0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f),
    'an endless varint': bytes(...Array.from({ length: 11 }, () => 0xff)),
    'field number 0': bytes(0x02, 0x00),
    'a group': bytes(0x0b, 0x0c),
    'a string that is not UTF-8': field(1, field(2, field(2, field(5, bytes(0xc3, 0x28))))),
  }
  for (const [what, body] of Object.entries(cases)) {
    assert.throws(() => decodeTraceRequest(body, 'application/x-protobuf'), MalformedOtlp, what)
  }
})

test('refuses values that are nested too deep, in both encodings', () => {
  let value = field(1, bytes(0x61))
  let text: object = { stringValue: 'a' }
  for (let depth = 0; depth < 40; depth++) {
    value = field(5, field(1, value))
    text = { arrayValue: { values: [text] } }
  }
  const deep = field(1, field(1, field(1, field(2, value))))
  const deepJson = { resourceSpans: [{ resource: { attributes: [{ key: 'k', value: text }] } }] }
  assert.throws(() => decodeTraceRequest(deep, 'application/x-protobuf'), /nested deeper/)
  assert.throws(
    () => decodeTraceRequest(new TextEncoder().encode(JSON.stringify(deepJson)), 'application/json'),
    /nested deeper/,
  )
})

test('refuses millions of two-byte messages before they fill the memory', () => {
  const spam = new Uint8Array(4_000_000)
  for (let at = 0; at < spam.length; at += 2) spam[at] = 0x0a
  assert.throws(() => decodeTraceRequest(spam, 'application/x-protobuf'), /more than 500000 values/)
})

test('refuses JSON of the wrong shape', () => {
  const wrong = [
    '',
    'null',
    '[]',
    '{"resourceSpans":{}}',
    '{"resourceSpans":[1]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_CLIENT"}]}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"abc"}]}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"-1"}]}]}]}',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"a","value":{"boolValue":"yes"}}]}]}]}]}',
  ]
  for (const body of wrong) {
    assert.throws(() => decodeTraceRequest(new TextEncoder().encode(body), 'application/json'), MalformedOtlp, body)
  }
})

test('accepts JSON with missing, unknown and null fields, and 64-bit integers as numbers', () => {
  const body = {
    resourceSpans: [
      {
        newInAYear: true,
        resource: null,
        scopeSpans: [
          { spans: [{ name: 'x', startTimeUnixNano: 1000, attributes: [{ key: 'n', value: { intValue: 5 } }] }] },
        ],
      },
    ],
  }
  const decoded = decodeTraceRequest(new TextEncoder().encode(JSON.stringify(body)), 'application/json')
  const span = decoded.resourceSpans[0]?.scopeSpans[0]?.spans[0]
  assert.equal(span?.startTimeUnixNano, '1000')
  assert.equal(span?.parentSpanId, '')
  assert.deepEqual(plainAttributes(span?.attributes ?? []), { n: 5 })
  assert.deepEqual(decoded.resourceSpans[0]?.resource.attributes, [])
})

test('reads an attribute called __proto__', () => {
  const plain = plainAttributes([{ key: '__proto__', value: { stringValue: 'x' } }])
  assert.deepEqual(Object.keys(plain), ['__proto__'])
  assert.equal(Object.getPrototypeOf(plain), Object.prototype)
})

test('recognises malformed ids: a wrong length, other characters or only zeros', () => {
  assert.ok(isTraceId(parent.traceId))
  for (const id of ['', '0'.repeat(32), 'g'.repeat(32), parent.traceId.slice(1)]) assert.ok(!isTraceId(id), id)
  for (const id of ['', '0'.repeat(16), 'G'.repeat(16), parent.traceId]) assert.ok(!isSpanId(id), id)
})

test('stops decoding at the first span or value above the limit, in both encodings', () => {
  const limits = { values: 1_000, spans: 3 }
  const spansOf = (count: number) => field(1, field(2, Uint8Array.from(Array(count).fill([0x12, 0]).flat())))
  const jsonOf = (spans: object[]) =>
    new TextEncoder().encode(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))
  const decode = (body: Uint8Array, type: OtlpContentType) =>
    decodeTraceRequest(body, type, limits).resourceSpans[0]?.scopeSpans[0]?.spans.length
  assert.equal(decode(spansOf(3), 'application/x-protobuf'), 3)
  assert.equal(decode(jsonOf([{}, {}, {}]), 'application/json'), 3)
  const tooMany: [Uint8Array, OtlpContentType, RegExp][] = [
    [spansOf(4), 'application/x-protobuf', /more than 3 spans/],
    [jsonOf([{}, {}, {}, {}]), 'application/json', /more than 3 spans/],
    [Uint8Array.from(Array(1_001).fill([0x78, 1]).flat()), 'application/x-protobuf', /more than 1000 values/],
    [
      new TextEncoder().encode(`${'['.repeat(600)}${']'.repeat(600)},${','.repeat(600)}`),
      'application/json',
      /more than 1000 values/,
    ],
  ]
  for (const [body, type, words] of tooMany) {
    assert.throws(
      () => decode(body, type),
      (error) => error instanceof TooMuchOtlp && words.test(error.message),
    )
  }
})

test('throws only MalformedOtlp for ten thousand bodies that are broken at random', () => {
  let seed = 20_261_128
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed % below
  }
  const originals = [
    [protobuf, 'application/x-protobuf'],
    [json, 'application/json'],
  ] as const
  let refused = 0
  for (let times = 0; times < 10_000; times++) {
    const [original, type] = originals[times % 2] as (typeof originals)[number]
    const broken = Uint8Array.from(original)
    for (let breaks = 1 + random(6); breaks > 0; breaks--) {
      const at = random(broken.length)
      if (random(2) === 0) broken[at] = random(256)
      else broken.copyWithin(at, random(broken.length), at + random(40))
    }
    try {
      decodeTraceRequest(broken.subarray(0, broken.length - random(3) * random(20)), type, { values: 2_000, spans: 16 })
    } catch (error) {
      assert.ok(error instanceof MalformedOtlp, `${times}: ${error}`)
      refused++
    }
  }
  assert.ok(refused > 1_000)
})

test('reads a log record of the SDK alike from protobuf and JSON', () => {
  const [{ resource, instrumentationScope }] = spans as [(typeof spans)[number]]
  const time: [number, number] = [1795214400, 123456789]
  const record = {
    hrTime: time,
    hrTimeObserved: time,
    spanContext: parent,
    severityText: 'INFO',
    severityNumber: 9,
    body: 'the home feed was read',
    resource,
    instrumentationScope,
    attributes: { 'http.response.status_code': 200 },
    droppedAttributesCount: 0,
  }
  for (const [serializer, type] of [
    [ProtobufLogsSerializer, 'application/x-protobuf'],
    [JsonLogsSerializer, 'application/json'],
  ] as const) {
    const request = decodeLogsRequest(serializer.serializeRequest([record]) as Uint8Array, type)
    assert.deepEqual(request.resourceLogs[0]?.scopeLogs[0]?.logRecords, [
      {
        timeUnixNano: '1795214400123456789',
        observedTimeUnixNano: '1795214400123456789',
        severityNumber: 9,
        severityText: 'INFO',
        eventName: '',
        body: { stringValue: 'the home feed was read' },
        attributes: [{ key: 'http.response.status_code', value: { intValue: '200' } }],
        traceId: parent.traceId,
        spanId: parent.spanId,
      },
    ])
  }
})
