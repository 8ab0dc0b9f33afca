import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import { type Attributes, type AttributeValue, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { contextOf, receivedSpan } from '../spans/received-span.ts'
import { TraceStateList } from '../spans/trace-context.ts'
import { encodeSpan, requestOf } from './span-bytes.ts'

const pick = <T>(...all: T[]): T => all[randomInt(all.length)] as T
const texts = [
  '',
  'a',
  'ünï🖖',
  'x'.repeat(64),
  'x'.repeat(65),
  'ü'.repeat(63),
  'y'.repeat(127),
  'z'.repeat(128),
  'w'.repeat(20_000),
  '\ud800',
]
const numbers = [
  0,
  1,
  127,
  128,
  16_384,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -1,
  -(2 ** 40),
  -(2 ** 63),
  1.5,
  -0.1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e300,
]
const value = (): AttributeValue =>
  pick<AttributeValue>(pick(...texts), pick(...numbers), true, false, [pick(...texts), 'b'], [1, 2.5], [])
const attributes = (most: number): Attributes =>
  Object.fromEntries(
    Array.from({ length: randomInt(most + 1) }, (_, index) => [
      pick(`key.${index}`, `ключ${index}`, 'k'.repeat(200)),
      value(),
    ]),
  )
const id = (bytes: number) => randomBytes(bytes).toString('hex')
const resources = [
  resourceFromAttributes({ 'service.name': 'a', list: ['x'] }),
  resourceFromAttributes({}, { schemaUrl: 'https://a.schema' }),
]
const scopes = [{ name: 'one', version: '1.2.3' }, { name: 'two', schemaUrl: 'https://another.schema' }, { name: '' }]

const randomSpan = (): ReadableSpan => {
  const state = pick(undefined, TraceStateList.parse('ot=th:8,vendor=x') ?? undefined)
  const context = { ...contextOf(id(16), id(8)), traceFlags: pick(0, 1, 3), ...(state && { traceState: state }) }
  const startNanos = 1_700_000_000_000_000_000n + BigInt(randomInt(2 ** 47))
  return receivedSpan({
    name: pick(...texts),
    kind: pick(SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER),
    context,
    ...(pick(true, false) && { parentSpanContext: { ...contextOf(id(16), id(8)), isRemote: pick(true, false) } }),
    startNanos,
    endNanos: startNanos + BigInt(randomInt(2 ** 40)),
    attributes: attributes(12),
    resource: pick(...resources),
    instrumentationScope: pick(...scopes),
    status: {
      code: pick(SpanStatusCode.UNSET, SpanStatusCode.ERROR),
      ...(pick(true, false) && { message: pick(...texts) }),
    },
    events: Array.from({ length: randomInt(3) }, () => ({
      name: pick(...texts),
      time: [1_700_000_000 + randomInt(1e6), randomInt(1e9)] as [number, number],
      attributes: attributes(3),
      droppedAttributesCount: pick(0, 300),
    })),
    links: Array.from({ length: randomInt(2) }, () => ({ context, attributes: attributes(2) })),
    droppedAttributesCount: pick(0, 1, 200),
  })
}

test('writes the same bytes as the serializer of the SDK', () => {
  for (let round = 0; round < 300; round++) {
    const spans = Array.from({ length: randomInt(1, 12) }, randomSpan)
    const expected = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans) ?? [])
    const bytes = Buffer.from(requestOf(spans.map(encodeSpan)))
    assert.ok(bytes.equals(expected), `${spans.length} spans: ${bytes.length} bytes instead of ${expected.length}`)
  }
})
