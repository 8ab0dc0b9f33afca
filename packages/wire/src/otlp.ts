/** The body of `POST /v1/traces` (OTLP/HTTP, opentelemetry-proto 1.x), from JSON or protobuf, in one shape. */
export type OtlpTraceRequest = { readonly resourceSpans: readonly OtlpResourceSpans[] }
export type OtlpResourceSpans = { readonly resource: OtlpResource; readonly scopeSpans: readonly OtlpScopeSpans[] }
export type OtlpResource = { readonly attributes: readonly OtlpKeyValue[] }
export type OtlpScopeSpans = { readonly scope: OtlpScope; readonly spans: readonly OtlpSpan[] }
export type OtlpScope = {
  readonly name: string
  readonly version: string
  readonly attributes: readonly OtlpKeyValue[]
}
export type OtlpSpan = {
  /** Hex, lower case; `isTraceId` and `isSpanId` check it. */
  readonly traceId: string
  readonly spanId: string
  /** Empty for a root. */
  readonly parentSpanId: string
  readonly traceState: string
  readonly flags: number
  readonly name: string
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer */
  readonly kind: number
  /** Nanoseconds since 1970 in decimal, too many digits for a number. */
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpKeyValue[]
  readonly droppedAttributesCount: number
  readonly events: readonly OtlpEvent[]
  readonly droppedEventsCount: number
  readonly links: readonly OtlpLink[]
  readonly droppedLinksCount: number
  /** 0 unset, 1 ok, 2 error */
  readonly status: { readonly code: number; readonly message: string }
}
export type OtlpEvent = {
  readonly timeUnixNano: string
  readonly name: string
  readonly attributes: readonly OtlpKeyValue[]
}
export type OtlpLink = {
  readonly traceId: string
  readonly spanId: string
  readonly attributes: readonly OtlpKeyValue[]
}
export type OtlpKeyValue = { readonly key: string; readonly value: OtlpValue }
/** At most one of these is set. A value without any of them is empty. */
export type OtlpValue = {
  readonly stringValue?: string
  readonly boolValue?: boolean
  /** 64 bits, in decimal. */
  readonly intValue?: string
  readonly doubleValue?: number
  /** Base64. */
  readonly bytesValue?: string
  readonly arrayValue?: { readonly values: readonly OtlpValue[] }
  readonly kvlistValue?: { readonly values: readonly OtlpKeyValue[] }
}

export type OtlpContentType = 'application/json' | 'application/x-protobuf'

/** The only error of this module: the body is not valid for its content type. */
export class MalformedOtlp extends Error {
  override readonly name: string = 'MalformedOtlp'
}

export class TooMuchOtlp extends MalformedOtlp {
  override readonly name = 'TooMuchOtlp'
}

export const isTraceId = (id: string): boolean => /^[0-9a-f]{32}$/.test(id) && !/^0+$/.test(id)
export const isSpanId = (id: string): boolean => /^[0-9a-f]{16}$/.test(id) && !/^0+$/.test(id)

export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue }

/** `[{ key, value: { intValue: '3' } }]` → `{ key: 3 }` */
export const plainAttributes = (attributes: readonly OtlpKeyValue[]): Record<string, PlainValue> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))

export const plainValue = (value: OtlpValue): PlainValue => {
  if (value.stringValue !== undefined) return value.stringValue
  if (value.boolValue !== undefined) return value.boolValue
  if (value.intValue !== undefined) return plainInteger(value.intValue)
  if (value.doubleValue !== undefined) return plainDouble(value.doubleValue)
  if (value.arrayValue) return value.arrayValue.values.map(plainValue)
  if (value.kvlistValue) return plainAttributes(value.kvlistValue.values)
  return value.bytesValue ?? null
}

const plainInteger = (digits: string) => (Number.isSafeInteger(Number(digits)) ? Number(digits) : digits)
const plainDouble = (value: number) => (Number.isFinite(value) ? value : String(value))

export type OtlpLogRecord = {
  /** '0' when the source gave no time. */
  timeUnixNano: string
  observedTimeUnixNano: string
  /** 1–4 trace, 5–8 debug, 9–12 info, 13–16 warn, 17–20 error, 21–24 fatal */
  severityNumber: number
  severityText: string
  body: OtlpValue
  eventName: string
  attributes: OtlpKeyValue[]
  traceId: string
  spanId: string
}
export type OtlpLogsRequest = {
  resourceLogs: { resource: { attributes: OtlpKeyValue[] }; scopeLogs: { logRecords: OtlpLogRecord[] }[] }[]
}
/** Only the part that identifies a request as one with metrics. */
export type OtlpMetricsRequest = { resourceMetrics: { scopeMetrics: { metrics: { name: string }[] }[] }[] }

export type DecodeLimits = {
  /** Fields in protobuf; objects, arrays and commas in JSON. */
  readonly values: number
  readonly spans: number
}

const defaultLimits: DecodeLimits = { values: 500_000, spans: Number.POSITIVE_INFINITY }

/**
 * Throws `MalformedOtlp`, and `TooMuchOtlp` as soon as a limit is exceeded. Two bytes of a body can become an object of
 * two hundred bytes, so the limits bound time and memory, not the length of the body.
 */
export const decodeTraceRequest = (body: Uint8Array, contentType: OtlpContentType, limits = defaultLimits) =>
  decode<OtlpTraceRequest>(body, contentType, traceRequest, limits)

export const decodeLogsRequest = (body: Uint8Array, contentType: OtlpContentType) =>
  decode<OtlpLogsRequest>(body, contentType, logsRequest)

export const decodeMetricsRequest = (body: Uint8Array, contentType: OtlpContentType) =>
  decode<OtlpMetricsRequest>(body, contentType, metricsRequest)

const decode = <Request>(
  body: Uint8Array,
  contentType: OtlpContentType,
  message: Message,
  limits: DecodeLimits = defaultLimits,
): Request => {
  const budget = new DecodeBudget(limits)
  const request =
    contentType === 'application/json'
      ? messageFromJson(parseJson(body, budget), message, budget, 0)
      : messageFromProtobuf(body, message, budget, 0)
  return request as Request
}

const maxDepth = 32

class DecodeBudget {
  readonly #limits: DecodeLimits
  #values = 0
  #spans = 0

  constructor(limits: DecodeLimits) {
    this.#limits = limits
  }

  value(): void {
    if (++this.#values > this.#limits.values) throw new TooMuchOtlp(`more than ${this.#limits.values} values`)
  }

  message(message: Message, depth: number): void {
    if (depth > maxDepth) throw new MalformedOtlp(`nested deeper than ${maxDepth}`)
    if (message === span && ++this.#spans > this.#limits.spans)
      throw new TooMuchOtlp(`more than ${this.#limits.spans} spans`)
  }
}

type Scalar = 'string' | 'id' | 'bytes' | 'bool' | 'uint32' | 'int64' | 'fixed32' | 'fixed64' | 'double'
type Field = { number: number; type: Scalar | (() => Message); repeated?: true; optional?: true }
type Message = { [name: string]: Field }
type Decoded = Record<string, unknown>

const anyValue: Message = {
  stringValue: { number: 1, type: 'string', optional: true },
  boolValue: { number: 2, type: 'bool', optional: true },
  intValue: { number: 3, type: 'int64', optional: true },
  doubleValue: { number: 4, type: 'double', optional: true },
  arrayValue: { number: 5, type: () => arrayValue, optional: true },
  kvlistValue: { number: 6, type: () => kvlistValue, optional: true },
  bytesValue: { number: 7, type: 'bytes', optional: true },
}
const keyValue: Message = { key: { number: 1, type: 'string' }, value: { number: 2, type: () => anyValue } }
const arrayValue: Message = { values: { number: 1, type: () => anyValue, repeated: true } }
const kvlistValue: Message = { values: { number: 1, type: () => keyValue, repeated: true } }

const attributes = (number: number): Field => ({ number, type: () => keyValue, repeated: true })

const event: Message = {
  timeUnixNano: { number: 1, type: 'fixed64' },
  name: { number: 2, type: 'string' },
  attributes: attributes(3),
}
const link: Message = {
  traceId: { number: 1, type: 'id' },
  spanId: { number: 2, type: 'id' },
  attributes: attributes(4),
}
const status: Message = { message: { number: 2, type: 'string' }, code: { number: 3, type: 'uint32' } }
const span: Message = {
  traceId: { number: 1, type: 'id' },
  spanId: { number: 2, type: 'id' },
  traceState: { number: 3, type: 'string' },
  parentSpanId: { number: 4, type: 'id' },
  name: { number: 5, type: 'string' },
  kind: { number: 6, type: 'uint32' },
  startTimeUnixNano: { number: 7, type: 'fixed64' },
  endTimeUnixNano: { number: 8, type: 'fixed64' },
  attributes: attributes(9),
  droppedAttributesCount: { number: 10, type: 'uint32' },
  events: { number: 11, type: () => event, repeated: true },
  droppedEventsCount: { number: 12, type: 'uint32' },
  links: { number: 13, type: () => link, repeated: true },
  droppedLinksCount: { number: 14, type: 'uint32' },
  status: { number: 15, type: () => status },
  flags: { number: 16, type: 'fixed32' },
}
const scope: Message = {
  name: { number: 1, type: 'string' },
  version: { number: 2, type: 'string' },
  attributes: attributes(3),
}
const scopeSpans: Message = {
  scope: { number: 1, type: () => scope },
  spans: { number: 2, type: () => span, repeated: true },
}
const resource: Message = { attributes: attributes(1) }
const resourceSpans: Message = {
  resource: { number: 1, type: () => resource },
  scopeSpans: { number: 2, type: () => scopeSpans, repeated: true },
}
const traceRequest: Message = { resourceSpans: { number: 1, type: () => resourceSpans, repeated: true } }

const logRecord: Message = {
  timeUnixNano: { number: 1, type: 'fixed64' },
  severityNumber: { number: 2, type: 'uint32' },
  severityText: { number: 3, type: 'string' },
  body: { number: 5, type: () => anyValue },
  attributes: attributes(6),
  traceId: { number: 9, type: 'id' },
  spanId: { number: 10, type: 'id' },
  observedTimeUnixNano: { number: 11, type: 'fixed64' },
  eventName: { number: 12, type: 'string' },
}
const scopeLogs: Message = { logRecords: { number: 2, type: () => logRecord, repeated: true } }
const resourceLogs: Message = {
  resource: { number: 1, type: () => resource },
  scopeLogs: { number: 2, type: () => scopeLogs, repeated: true },
}
const logsRequest: Message = { resourceLogs: { number: 1, type: () => resourceLogs, repeated: true } }

const metric: Message = { name: { number: 1, type: 'string' } }
const scopeMetrics: Message = { metrics: { number: 2, type: () => metric, repeated: true } }
const resourceMetrics: Message = { scopeMetrics: { number: 2, type: () => scopeMetrics, repeated: true } }
const metricsRequest: Message = { resourceMetrics: { number: 1, type: () => resourceMetrics, repeated: true } }

const empty: readonly never[] = Object.freeze([])
const absent = new Map<Message, Decoded>()

const zeroOf = ({ type, repeated }: Field): unknown => {
  if (repeated) return empty
  if (typeof type === 'function') return absentMessage(type())
  if (type === 'bool') return false
  if (type === 'int64' || type === 'fixed64') return '0'
  return type === 'uint32' || type === 'fixed32' || type === 'double' ? 0 : ''
}

/** All absent messages of one kind share one frozen object. */
const absentMessage = (message: Message): Decoded => {
  const known = absent.get(message)
  if (known) return known
  const made = Object.freeze(blank(message))
  absent.set(message, made)
  return made
}

const blank = (message: Message): Decoded => {
  const decoded: Decoded = {}
  for (const name in message) {
    const field = message[name] as Field
    if (!field.optional) decoded[name] = zeroOf(field)
  }
  return decoded
}

const put = (decoded: Decoded, name: string, field: Field, value: unknown) => {
  if (!field.repeated) decoded[name] = value
  else if (decoded[name] === empty) decoded[name] = [value]
  else (decoded[name] as unknown[]).push(value)
}

// ── protobuf ────────────────────────────────────────────────────────────────────────────────────────────────────────

const wireTypeOf = (type: Field['type']): number => {
  if (type === 'bool' || type === 'uint32' || type === 'int64') return 0
  if (type === 'fixed64' || type === 'double') return 1
  return type === 'fixed32' ? 5 : 2
}

const fieldsByTag = new Map<Message, Map<number, [string, Field]>>()

const byTag = (message: Message): Map<number, [string, Field]> => {
  const known = fieldsByTag.get(message)
  if (known) return known
  const made = new Map(
    Object.entries(message).map((entry) => [entry[1].number * 8 + wireTypeOf(entry[1].type), entry] as const),
  )
  fieldsByTag.set(message, made)
  return made
}

const messageFromProtobuf = (bytes: Uint8Array, message: Message, budget: DecodeBudget, depth: number): Decoded => {
  budget.message(message, depth)
  const reader = new WireReader(bytes)
  const fields = byTag(message)
  const decoded = blank(message)
  while (!reader.atEnd) {
    budget.value()
    const tag = reader.varint()
    if (tag < 8) throw new MalformedOtlp('field number 0')
    const known = fields.get(tag)
    if (!known) {
      reader.skip(tag % 8)
      continue
    }
    const [name, field] = known
    const value =
      typeof field.type === 'function'
        ? messageFromProtobuf(reader.chunk(), field.type(), budget, depth + 1)
        : reader.scalar(field.type)
    put(decoded, name, field, value)
  }
  return decoded
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const text = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new MalformedOtlp('a string is not UTF-8')
  }
}

const hex = (bytes: Uint8Array): string => {
  let digits = ''
  for (const byte of bytes) digits += byte.toString(16).padStart(2, '0')
  return digits
}

const base64 = (bytes: Uint8Array): string => {
  let characters = ''
  for (const byte of bytes) characters += String.fromCharCode(byte)
  return btoa(characters)
}

class WireReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Exact below 2^53. A larger tag, length or count is refused anyway. */
  varint(): number {
    let value = 0
    for (let scale = 1, length = 0; length < 10; scale *= 128, length++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
    }
    throw new MalformedOtlp('a varint has more than ten bytes')
  }

  chunk(): Uint8Array {
    const length = this.varint()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  skip(wireType: number): void {
    if (wireType === 0) this.varint()
    else if (wireType === 1) this.#take(8)
    else if (wireType === 2) this.chunk()
    else if (wireType === 5) this.#take(4)
    else throw new MalformedOtlp(`wire type ${wireType}`)
  }

  scalar(type: Scalar): string | number | boolean {
    switch (type) {
      case 'string':
        return text(this.chunk())
      case 'id':
        return hex(this.chunk())
      case 'bytes':
        return base64(this.chunk())
      case 'bool':
        return this.varint() !== 0
      case 'uint32':
        return this.varint()
      case 'int64':
        return this.#int64().toString()
      case 'fixed32':
        return this.#view.getUint32(this.#take(4), true)
      case 'fixed64':
        return this.#view.getBigUint64(this.#take(8), true).toString()
      case 'double':
        return this.#view.getFloat64(this.#take(8), true)
    }
  }

  #int64(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    throw new MalformedOtlp('a varint has more than ten bytes')
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number
  }

  #take(length: number): number {
    const start = this.#at
    if (length > this.#bytes.length - start) throw new MalformedOtlp('the body ends in the middle of a field')
    this.#at = start + length
    return start
  }
}

// ── JSON ────────────────────────────────────────────────────────────────────────────────────────────────────────────

const [brace, bracket, comma] = [0x7b, 0x5b, 0x2c]

// Counted before parsing, because parsing makes the objects.
const parseJson = (body: Uint8Array, budget: DecodeBudget): unknown => {
  for (const byte of body) if (byte === brace || byte === bracket || byte === comma) budget.value()
  try {
    return JSON.parse(text(body))
  } catch {
    throw new MalformedOtlp('the body is not JSON')
  }
}

const messageFromJson = (json: unknown, message: Message, budget: DecodeBudget, depth: number): Decoded => {
  budget.message(message, depth)
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new MalformedOtlp('an object was expected')
  const given = json as Record<string, unknown>
  const decoded = blank(message)
  for (const name in message) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined
    if (value === undefined || value === null) continue
    const field = message[name] as Field
    if (field.repeated && !Array.isArray(value)) throw new MalformedOtlp(`${name} is not an array`)
    for (const one of field.repeated ? (value as unknown[]) : [value]) {
      const { type } = field
      const read =
        typeof type === 'function' ? messageFromJson(one, type(), budget, depth + 1) : scalarFromJson(one, type, name)
      put(decoded, name, field, read)
    }
  }
  return decoded
}

const integer = /^-?\d{1,20}$/
const nonFinite = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])

const scalarFromJson = (value: unknown, type: Scalar, name: string): string | number | boolean => {
  switch (type) {
    case 'string':
    case 'bytes':
      if (typeof value === 'string') return value
      break
    case 'id':
      if (typeof value === 'string') return value.toLowerCase()
      break
    case 'bool':
      if (typeof value === 'boolean') return value
      break
    case 'uint32':
    case 'fixed32':
      if (Number.isInteger(value) && (value as number) >= 0) return value as number
      break
    case 'double':
      if (typeof value === 'number') return value
      if (typeof value === 'string' && nonFinite.has(value)) return nonFinite.get(value) as number
      break
    case 'int64':
    case 'fixed64': {
      const digits = Number.isInteger(value) ? BigInt(value as number).toString() : value
      if (typeof digits === 'string' && integer.test(digits) && (type === 'int64' || !digits.startsWith('-'))) {
        return digits
      }
    }
  }
  throw new MalformedOtlp(`${name} is not a ${type}`)
}
