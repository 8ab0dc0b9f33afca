import type { Attributes, HrTime, SpanStatus } from '@opentelemetry/api'
import type { Resource } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { PbfWriter } from 'pbf'
import { groupBy } from '../node-20.ts'
import { remembered } from '../remembered.ts'

type Scope = ReadableSpan['instrumentationScope']
type SpanEvent = ReadableSpan['events'][number]
type SpanLink = ReadableSpan['links'][number]

/** About what a span takes. The buffer grows, if it is too small. */
const usualBytes = 640

/**
 * The spans as OTLP's protobuf. The field numbers are those of opentelemetry/proto/trace/v1/trace.proto, and the bytes
 * those of the SDK's serializer, which goes over all spans twice.
 */
export const traceRequestOf = (spans: readonly ReadableSpan[]): Uint8Array => {
  const request = new PbfWriter(Buffer.allocUnsafe(spans.length * usualBytes))
  for (const ofResource of groupBy(spans, ({ resource }) => resource).values()) {
    request.writeMessage(1, writeResourceSpans, ofResource)
  }
  return request.finish()
}

const writeResourceSpans = (spans: readonly ReadableSpan[], to: PbfWriter): void => {
  const [{ resource }] = spans as [ReadableSpan]
  to.writeMessage(1, writeResource, resource)
  for (const ofScope of groupBy(spans, (span) => span.instrumentationScope).values()) {
    to.writeMessage(2, writeScopeSpans, ofScope)
  }
  if (resource.schemaUrl) to.writeStringField(3, resource.schemaUrl)
}

const writeResource = ({ attributes }: Resource, to: PbfWriter): void => {
  writeAttributes(1, attributes, to)
  to.writeVarintField(2, 0)
}

const writeScopeSpans = (spans: readonly ReadableSpan[], to: PbfWriter): void => {
  const [{ instrumentationScope: scope }] = spans as [ReadableSpan]
  to.writeMessage(1, writeScope, scope)
  for (const span of spans) to.writeMessage(2, writeSpan, span)
  if (scope.schemaUrl) to.writeStringField(3, scope.schemaUrl)
}

const writeScope = ({ name, version }: Scope, to: PbfWriter): void => {
  to.writeStringField(1, name)
  if (version) to.writeStringField(2, version)
}

const writeSpan = (span: ReadableSpan, to: PbfWriter): void => {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext()
  const { parentSpanContext: parent, attributes, events, links } = span
  writeId(1, traceId, to)
  writeId(2, spanId, to)
  const state = traceState?.serialize()
  if (state) to.writeStringField(3, state)
  if (parent?.spanId) writeId(4, parent.spanId, to)
  to.writeStringField(5, span.name)
  to.writeVarintField(6, span.kind + 1)
  writeTime(7, span.startTime, to)
  writeTime(8, span.endTime, to)
  writeAttributes(9, attributes, to)
  to.writeVarintField(10, span.droppedAttributesCount)
  for (const event of events) to.writeMessage(11, writeEvent, event)
  to.writeVarintField(12, span.droppedEventsCount)
  for (const link of links) to.writeMessage(13, writeLink, link)
  to.writeVarintField(14, span.droppedLinksCount)
  to.writeMessage(15, writeStatus, span.status)
  to.writeFixed32Field(16, flagsOf(traceFlags, parent?.isRemote))
}

const writeEvent = ({ name, time, attributes, droppedAttributesCount }: SpanEvent, to: PbfWriter): void => {
  writeTime(1, time, to)
  to.writeStringField(2, name)
  if (attributes) writeAttributes(3, attributes, to)
  to.writeVarintField(4, droppedAttributesCount ?? 0)
}

const writeLink = ({ context, attributes, droppedAttributesCount }: SpanLink, to: PbfWriter): void => {
  writeId(1, context.traceId, to)
  writeId(2, context.spanId, to)
  const state = context.traceState?.serialize()
  if (state) to.writeStringField(3, state)
  if (attributes) writeAttributes(4, attributes, to)
  to.writeVarintField(5, droppedAttributesCount ?? 0)
  to.writeFixed32Field(6, flagsOf(context.traceFlags, context.isRemote))
}

const writeStatus = ({ code, message }: SpanStatus, to: PbfWriter): void => {
  if (message) to.writeStringField(2, message)
  to.writeVarintField(3, code)
}

const knowsIfRemote = 0x100
const remote = 0x200
const flagsOf = (traceFlags: number, isRemote = false): number =>
  (traceFlags & 0xff) | knowsIfRemote | (isRemote ? remote : 0)

const idBytes = Buffer.alloc(16)
const halfId = idBytes.subarray(0, 8)

const writeId = (field: number, id: string, to: PbfWriter): void => {
  const into = id.length === 16 ? halfId : idBytes
  into.write(id, 'hex')
  to.writeBytesField(field, into)
}

/** Nanoseconds in 64 bits, which no number holds: seconds are taken apart before they are multiplied. */
const writeTime = (field: number, [seconds, nanos]: HrTime, to: PbfWriter): void => {
  const upper = Math.floor(seconds / 2 ** 16) * 1e9
  const lower = (seconds % 2 ** 16) * 1e9 + nanos + (upper % 2 ** 16) * 2 ** 16
  to.writeTag(field, 1)
  to.writeFixed32(lower % 2 ** 32)
  to.writeFixed32(Math.floor(upper / 2 ** 16) + Math.floor(lower / 2 ** 32))
}

type Pair = { readonly key: string; readonly value: unknown }

const writeAttributes = (field: number, attributes: Attributes, to: PbfWriter): void => {
  for (const key of Object.keys(attributes)) to.writeMessage(field, writePair, { key, value: attributes[key] })
}

const writePair = ({ key, value }: Pair, to: PbfWriter): void => {
  to.writeStringField(1, key)
  to.writeMessage(2, writeValue, value)
}

const worthRemembering = 100
/** Statements come again and again. */
const utf8Of = remembered((text) => Buffer.from(text), 200)

const writeValue = (value: unknown, to: PbfWriter): void => {
  if (typeof value === 'string') {
    if (value.length < worthRemembering) to.writeStringField(1, value)
    else to.writeBytesField(1, utf8Of(value))
  } else if (typeof value === 'boolean') to.writeBooleanField(2, value)
  else if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) to.writeVarintField(3, value)
    else to.writeDoubleField(4, value)
  } else if (value instanceof Uint8Array) to.writeBytesField(7, value)
  else if (Array.isArray(value)) to.writeMessage(5, writeList, value)
  else if (typeof value === 'object' && value !== null) to.writeMessage(6, writeMap, value)
}

const writeList = (values: readonly unknown[], to: PbfWriter): void => {
  for (const value of values) to.writeMessage(1, writeValue, value)
}

const writeMap = (map: object, to: PbfWriter): void => writeAttributes(1, map as Attributes, to)
