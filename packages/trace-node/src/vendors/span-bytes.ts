import type { Attributes, HrTime, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { remembered } from '../remembered.ts'

type Resource = ReadableSpan['resource']
type Scope = ReadableSpan['instrumentationScope']

/** A span that has ended, as it stands in an OTLP request: with its tag and its length. */
export type EncodedSpan = { readonly resource: Resource; readonly scope: Scope; readonly bytes: Uint8Array }

/**
 * Encodes a span when it ends. The SDK's serializer keeps whole spans until it writes a batch, and writes it twice to know
 * its length. Here the span is garbage at once, and keys and statements are encoded only the first time. The bytes are the same.
 */
export const encodeSpan = (span: ReadableSpan): EncodedSpan => {
  at = mostLength + 1
  spanFields(span)
  return { resource: span.resource, scope: span.instrumentationScope, bytes: taken(0x12) }
}

/** One export request. */
export const requestOf = (spans: readonly EncodedSpan[]): Uint8Array => {
  const resources = new Map<Resource, Map<Scope, Uint8Array[]>>()
  for (const { resource, scope, bytes } of spans) {
    const scopes = resources.get(resource) ?? new Map<Scope, Uint8Array[]>()
    resources.set(resource, scopes)
    const known = scopes.get(scope)
    if (known) known.push(bytes)
    else scopes.set(scope, [bytes])
  }
  const parts = [...resources].map(([resource, scopes]) =>
    enclosed(0x0a, [
      headOf(() => {
        attributeFields(0x0a, resource.attributes)
        small(0x10, 0)
      }),
      ...[...scopes].map(([scope, bytes]) =>
        enclosed(0x12, [headOf(() => scopeFields(scope)), ...bytes, schemaOf(scope)]),
      ),
      schemaOf(resource),
    ]),
  )
  return Buffer.concat(parts)
}

// One buffer for all spans; `at` is the end of what is written. The longest prefix of a message is a tag and five bytes.
const mostLength = 5
let buffer = Buffer.allocUnsafe(64 * 1024)
let at = 0

const room = (bytes: number): void => {
  if (at + bytes <= buffer.length) return
  const larger = Buffer.allocUnsafe(2 * (at + bytes))
  buffer.copy(larger, 0, 0, at)
  buffer = larger
}

/** The message that has been written after the room for its prefix. */
const taken = (tag: number): Uint8Array => {
  const end = at
  const length = end - mostLength - 1
  at = mostLength - sizeOf(length)
  const start = at
  small(tag, length)
  at = end
  return Buffer.from(buffer.subarray(start, end))
}

const headOf = (write: () => void): Uint8Array => {
  at = mostLength + 1
  write()
  return taken(0x0a)
}

const schemaOf = ({ schemaUrl }: { readonly schemaUrl?: string | undefined }): Uint8Array => {
  if (!schemaUrl) return Buffer.alloc(0)
  at = 0
  text(0x1a, schemaUrl)
  return Buffer.from(buffer.subarray(0, at))
}

const enclosed = (tag: number, parts: readonly Uint8Array[]): Uint8Array => {
  at = 0
  small(
    tag,
    parts.reduce((sum, { length }) => sum + length, 0),
  )
  return Buffer.concat([Buffer.from(buffer.subarray(0, at)), ...parts])
}

const scopeFields = ({
  name,
  version,
  ...scope
}: Scope & { attributes?: Attributes; droppedAttributesCount?: number }) => {
  text(0x0a, name)
  if (version) text(0x12, version)
  attributeFields(0x1a, scope.attributes)
  if (scope.droppedAttributesCount) small(0x20, scope.droppedAttributesCount)
}

const spanFields = (span: ReadableSpan): void => {
  const { parentSpanContext: parent, status } = span
  const context = span.spanContext()
  identity(context)
  if (parent?.spanId) hex(0x22, parent.spanId)
  text(0x2a, span.name)
  small(0x30, span.kind + 1)
  time(0x39, span.startTime)
  time(0x41, span.endTime)
  attributeFields(0x4a, span.attributes)
  small(0x50, span.droppedAttributesCount)
  for (const event of span.events) {
    const start = begin(0x5a)
    time(0x09, event.time)
    text(0x12, event.name)
    attributeFields(0x1a, event.attributes)
    small(0x20, event.droppedAttributesCount ?? 0)
    finish(start)
  }
  small(0x60, span.droppedEventsCount)
  for (const link of span.links) {
    const start = begin(0x6a)
    identity(link.context)
    attributeFields(0x22, link.attributes)
    small(0x28, link.droppedAttributesCount ?? 0)
    fixed32(0x35, flagsOf(link.context.traceFlags, link.context.isRemote))
    finish(start)
  }
  small(0x70, span.droppedLinksCount)
  const start = begin(0x7a)
  if (status.message) text(0x12, status.message)
  small(0x18, status.code)
  finish(start)
  room(1)
  buffer[at++] = 0x85
  fixed32(0x01, flagsOf(context.traceFlags, parent?.isRemote))
}

const identity = ({ traceId, spanId, traceState }: SpanContext): void => {
  hex(0x0a, traceId)
  hex(0x12, spanId)
  const state = traceState?.serialize()
  if (state) text(0x1a, state)
}

/** Bit 8 says that bit 9 is known: whether the parent is remote. */
const flagsOf = (traceFlags: number, isRemote = false): number => (traceFlags & 0xff) | 0x100 | (isRemote ? 0x200 : 0)

const attributeFields = (tag: number, attributes: Attributes = {}): void => {
  for (const key in attributes) {
    const start = begin(tag)
    bytesOf(keyOf(key))
    const value = begin(0x12)
    anyValue(attributes[key])
    finish(value)
    finish(start)
  }
}

const keyOf = remembered((key) => {
  const length = Buffer.byteLength(key)
  return Buffer.concat([Buffer.from([0x0a, ...varint(length)]), Buffer.from(key)])
})

const anyValue = (value: unknown): void => {
  if (typeof value === 'string') text(0x0a, value)
  else if (typeof value === 'boolean') small(0x10, value ? 1 : 0)
  else if (typeof value === 'number') numeric(value)
  else if (value instanceof Uint8Array) {
    small(0x3a, value.length)
    bytesOf(value)
  } else if (Array.isArray(value)) {
    const list = begin(0x2a)
    for (const one of value) {
      const item = begin(0x0a)
      anyValue(one)
      finish(item)
    }
    finish(list)
  } else if (typeof value === 'object' && value !== null) {
    const fields = begin(0x32)
    attributeFields(0x0a, value as Attributes)
    finish(fields)
  }
}

const numeric = (value: number): void => {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
    if (value >= 0 && value < 2 ** 31) small(0x18, value)
    else bytesOf(Uint8Array.of(0x18, ...varint(BigInt.asUintN(64, BigInt(value)))))
    return
  }
  room(9)
  buffer[at++] = 0x21
  at = buffer.writeDoubleLE(value, at)
}

const varint = (value: number | bigint): number[] => {
  const bytes: number[] = []
  let left = BigInt(value)
  for (; left > 127n; left >>= 7n) bytes.push(Number(left & 127n) | 128)
  return [...bytes, Number(left)]
}

const sizeOf = (length: number): number => {
  if (length < 0x80) return 1
  if (length < 0x4000) return 2
  return length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5
}

/** A tag of one byte and a number below 2^31. */
const small = (tag: number, value: number): void => {
  room(6)
  buffer[at++] = tag
  let left = value
  for (; left > 127; left >>>= 7) buffer[at++] = (left & 127) | 128
  buffer[at++] = left
}

/** Most messages are short: their length is one byte. */
const begin = (tag: number): number => {
  room(2)
  buffer[at++] = tag
  return at++
}

const finish = (start: number): void => {
  const length = at - start - 1
  const more = sizeOf(length) - 1
  if (more > 0) {
    room(more)
    buffer.copyWithin(start + 1 + more, start + 1, at)
  }
  const end = at + more
  at = start - 1
  small(buffer[at] as number, length)
  at = end
}

const bytesOf = (bytes: Uint8Array): void => {
  room(bytes.length)
  buffer.set(bytes, at)
  at += bytes.length
}

const shortText = 64

const text = (tag: number, value: string): void => {
  const { length } = value
  if (length > shortText) {
    const bytes = bytesOfText(value)
    small(tag, bytes.length)
    bytesOf(bytes)
    return
  }
  room(3 * shortText + 3)
  buffer[at] = tag
  buffer[at + 1] = length
  for (let index = 0; index < length; index++) {
    const code = value.charCodeAt(index)
    if (code > 127) {
      small(tag, Buffer.byteLength(value))
      at += buffer.write(value, at)
      return
    }
    buffer[at + 2 + index] = code
  }
  at += length + 2
}

/** Statements and user agents come again and again. */
const bytesOfText = remembered((value) => Buffer.from(value), 200)

const digits = new Uint8Array(128).fill(255)
for (const [value, digit] of [...'0123456789abcdef'].entries()) {
  digits[digit.charCodeAt(0)] = value
  digits[digit.toUpperCase().charCodeAt(0)] = value
}

const hex = (tag: number, id: string): void => {
  const length = id.length >> 1
  small(tag, length)
  room(length)
  for (let index = 0; index < length; index++) {
    const [high, low] = [digits[id.charCodeAt(2 * index)] as number, digits[id.charCodeAt(2 * index + 1)] as number]
    buffer[at++] = (high << 4) | low
  }
}

const fixed32 = (tag: number, value: number): void => {
  room(5)
  buffer[at++] = tag
  at = buffer.writeUInt32LE(value, at)
}

/** Nanoseconds since 1970 need 61 bits, and a number has 53. */
const time = (tag: number, [seconds, nanos]: HrTime): void => {
  const upper = Math.floor(seconds / 65_536) * 1e9
  const lower = (upper % 65_536) * 65_536 + (seconds % 65_536) * 1e9 + nanos
  fixed32(tag, lower % 2 ** 32)
  room(4)
  at = buffer.writeUInt32LE(Math.floor(upper / 65_536) + Math.floor(lower / 2 ** 32), at)
}
