import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Attributes, type HrTime, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { TraceStateList } from '../spans/trace-context.ts'
import { traceRequestOf } from './otlp-bytes.ts'

/** The same numbers for the same seed, so that a failure can be repeated. */
const randomFrom = (seed: number) => {
  let state = seed
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  return { next, pick: <Item>(items: readonly Item[]): Item => items[next(items.length)] as Item }
}
type Random = ReturnType<typeof randomFrom>

const texts = [
  '',
  'a',
  'GET /api/activities/home',
  'x'.repeat(126),
  'x'.repeat(127),
  'x'.repeat(128),
  'x'.repeat(16_383),
  'x'.repeat(70_000),
  'naïve – “text” 🖖🏽',
  'ü'.repeat(64),
  '\u0000\u001f\u007f\uffff',
  'a lone \ud83d high',
  '\udc4d low',
  'at the end \ud83d',
]
const numbers = [
  0,
  -0,
  1,
  -1,
  127,
  128,
  0.1,
  -1.5,
  2 ** 28 - 1,
  2 ** 28,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 32),
  -(2 ** 53),
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  1e308,
  5e-324,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
]

const valueFrom = (random: Random, depth = 0): unknown => {
  const kind = random.next(depth > 3 ? 5 : 7)
  const few = () => Array.from({ length: random.next(4) }, () => valueFrom(random, depth + 1))
  if (kind < 2) return random.pick(texts)
  if (kind === 2) return random.pick(numbers)
  if (kind === 3) return random.pick([true, false, null, undefined])
  if (kind === 4) return Uint8Array.from({ length: random.next(200) }, () => random.next(256))
  return kind === 5 ? few() : Object.fromEntries(few().map((value, index) => [random.pick(texts) + index, value]))
}

const attributesFrom = (random: Random): Attributes =>
  Object.fromEntries(
    Array.from({ length: random.next(8) }, (_, index) => [`${random.pick(texts)}${index}`, valueFrom(random)]),
  ) as Attributes

const hexFrom = (random: Random, bytes: number): string =>
  Array.from({ length: 2 * bytes }, () => random.next(16).toString(16)).join('')

const timeFrom = (random: Random): HrTime => [
  random.pick([0, 1, 65_535, 65_536, 1_795_000_000, 4_294_967_296, 18_000_000_000]),
  random.pick([0, 1, 999_999_999, 123_456_789]),
]

const contextFrom = (random: Random) => ({
  traceId: hexFrom(random, 16),
  spanId: hexFrom(random, 8),
  traceFlags: random.pick([TraceFlags.NONE, TraceFlags.SAMPLED, 3]),
  ...random.pick([
    {},
    { isRemote: true },
    { isRemote: false },
    { traceState: TraceStateList.parse('ot=th:8') as never },
  ]),
})

const resources = [
  resourceFromAttributes({ 'service.name': 'cruddur-backend', list: ['a', 'b'] }),
  resourceFromAttributes({}, { schemaUrl: 'https://opentelemetry.io/schemas/1.30.0' }),
  resourceFromAttributes({ 'service.name': 'ünïcode' }),
] as const
const scopes = [
  { name: 'cruddur' },
  { name: '@opentelemetry/instrumentation-pg', version: '0.77.0' },
  { name: '', schemaUrl: 'https://example.com/schema' },
] as const

const spanFrom = (random: Random): ReadableSpan => {
  const context = contextFrom(random)
  const some = <Item>(make: () => Item) => Array.from({ length: random.next(4) }, make)
  return {
    spanContext: () => context,
    ...(random.next(2) === 1 && { parentSpanContext: contextFrom(random) }),
    name: random.pick(texts),
    kind: random.pick([SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER]),
    startTime: timeFrom(random),
    endTime: timeFrom(random),
    duration: [0, 0],
    ended: true,
    status: random.pick([
      { code: SpanStatusCode.UNSET },
      { code: SpanStatusCode.OK },
      { code: SpanStatusCode.ERROR, message: random.pick(texts) },
    ]),
    attributes: attributesFrom(random),
    events: some(() => ({
      name: random.pick(texts),
      time: timeFrom(random),
      ...(random.next(3) > 0 && { attributes: attributesFrom(random), droppedAttributesCount: random.next(300) }),
    })),
    links: some(() => ({
      context: contextFrom(random),
      ...(random.next(3) > 0 && { attributes: attributesFrom(random), droppedAttributesCount: random.next(300) }),
    })),
    droppedAttributesCount: random.pick([0, 1, 128, 1_000_000]),
    droppedEventsCount: random.next(200),
    droppedLinksCount: random.next(200),
    resource: random.pick<Resource>(resources),
    instrumentationScope: random.pick(scopes),
  }
}

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

test("writes the bytes of the SDK's serializer, for spans of all kinds", () => {
  for (let seed = 1; seed <= 150; seed++) {
    const random = randomFrom(seed)
    const spans = Array.from({ length: 1 + random.next(6) }, () => spanFrom(random))
    const expected = ProtobufTraceSerializer.serializeRequest(spans)
    assert.equal(hex(traceRequestOf(spans)), hex(expected), `seed ${seed}`)
  }
})

test('writes a span that inherits from another one and has attributes of its own', () => {
  const span = spanFrom(randomFrom(7))
  const weighted = Object.create(span, { attributes: { value: { ...span.attributes, SampleRate: 10 } } })
  assert.equal(hex(traceRequestOf([weighted])), hex(ProtobufTraceSerializer.serializeRequest([weighted])))
})

test('writes a span that is much larger than the others', () => {
  const [one, other] = [spanFrom(randomFrom(3)), spanFrom(randomFrom(4))]
  const spans = [one, { ...one, attributes: { text: 'ü'.repeat(3_000_000) } }, other]
  assert.equal(hex(traceRequestOf(spans)), hex(ProtobufTraceSerializer.serializeRequest(spans)))
})
