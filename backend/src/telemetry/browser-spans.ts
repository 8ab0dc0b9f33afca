import {
  isSpanId,
  isTraceId,
  type OtlpEvent,
  type OtlpKeyValue,
  type OtlpLink,
  type OtlpScope,
  type OtlpSpan,
  type OtlpTraceRequest,
  type OtlpValue,
} from '@cruddur/shared/otlp'
import { relayAttr, serviceName } from '@cruddur/shared/telemetry'
import {
  type Attributes,
  type AttributeValue,
  type HrTime,
  type Link,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
} from '@opentelemetry/api'
import { hrTimeDuration } from '@opentelemetry/core'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { withoutQuery } from './redaction.ts'
import { scrubText } from './scrub.ts'

const limits = { spans: 512, attributes: 64, events: 32, links: 16, valueLength: 4_096, nameLength: 255, array: 64 }
const oldestMs = 60 * 60_000
const newestMs = 10 * 60_000

export type Sifted = { readonly accepted: ReadableSpan[]; readonly rejected: number; readonly reason: string }

/** Nothing of a request but this goes on: spans made anew from what a browser may say about itself. */
export const siftBrowserSpans = (request: OtlpTraceRequest, nowMs = Date.now()): Sifted => {
  const accepted: ReadableSpan[] = []
  const reasons = new Set<string>()
  let rejected = 0
  for (const { resource, scopeSpans } of request.resourceSpans) {
    const ours = resourceOf(resource.attributes)
    for (const { scope, spans } of scopeSpans) {
      for (const span of spans) {
        const objection = accepted.length >= limits.spans ? `more than ${limits.spans} spans` : objectionTo(span)
        if (objection) {
          rejected++
          reasons.add(objection)
        } else accepted.push(readable(span, ours, scopeOf(scope), nowMs))
      }
    }
  }
  return { accepted, rejected, reason: [...reasons].join('; ') }
}

export const countSpans = (request: OtlpTraceRequest): number =>
  request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).reduce((sum, { spans }) => sum + spans.length, 0)

const objectionTo = (span: OtlpSpan): string | undefined => {
  if (!isTraceId(span.traceId) || !isSpanId(span.spanId)) return 'an id is not one'
  if (span.parentSpanId !== '' && !isSpanId(span.parentSpanId)) return 'a parent id is not one'
  if (plain(span.name) === '') return 'a span has no name'
  if (span.attributes.length > limits.attributes) return `more than ${limits.attributes} attributes`
  const forged = span.attributes.find(({ key }) => serverOnly.test(key))
  return forged && `${plain(forged.key).slice(0, 64)} is not for a browser to say`
}

const serverOnly =
  /^(db|rpc|messaging|faas|cloud|aws|gcp|azure|k8s|container|host|process|os|enduser|peer)\.|^http\.route$/
const allowed =
  /^(app|http|url|session|page|error|exception|browser|user_agent|network|server|client|document|event|code|web_vital)\.[\w.-]{1,80}$/
const ofAddresses = /^url\.|(^|[._])(url|uri|target|href|referrer)$/
const neverSaid =
  /^url\.(query|fragment)$|^http\.(request|response)\.(header|body)(\.(?!size$)|$)|(^|[._-])(password|passwd|pwd|secret|token|authorization|cookie|api[_-]?key|access[_-]?key|e?mail)($|[._-])/i

const attributesOf = (given: readonly OtlpKeyValue[], may = allowed): { kept: Attributes; dropped: number } => {
  const kept: Attributes = {}
  let dropped = 0
  for (const { key, value } of given.slice(0, limits.attributes)) {
    const plainValue = may.test(key) && !neverSaid.test(key) ? plainValueOf(key, value) : undefined
    if (plainValue === undefined) dropped++
    else kept[key] = plainValue
  }
  return { kept, dropped: dropped + Math.max(0, given.length - limits.attributes) }
}

const plainValueOf = (key: string, value: OtlpValue): AttributeValue | undefined => {
  if (value.arrayValue) {
    const items = value.arrayValue.values.slice(0, limits.array).map((item) => scalarOf(key, item))
    const texts = items.filter((item) => typeof item === 'string')
    const numbers = items.filter((item) => typeof item === 'number')
    if (texts.length === items.length) return texts
    return numbers.length === items.length ? numbers : undefined
  }
  return scalarOf(key, value)
}

const scalarOf = (key: string, value: OtlpValue): string | number | boolean | undefined => {
  if (value.stringValue !== undefined) return textOf(key, value.stringValue)
  if (value.boolValue !== undefined) return value.boolValue
  const number = value.intValue !== undefined ? Number(value.intValue) : value.doubleValue
  return Number.isFinite(number) ? number : undefined
}

const textOf = (key: string, text: string): string => {
  const address = ofAddresses.test(key) ? withoutQuery(text) : text
  // A stack is read by its lines, and they are safe in every encoding that leaves here.
  const lines = key === 'exception.stacktrace' ? address.split('\n').map(plain).join('\n') : plain(address)
  return scrubText(lines.slice(0, limits.valueLength)).toWellFormed()
}

const nameOf = (name: string): string => scrubText(plain(name).slice(0, limits.nameLength)).toWellFormed()

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
const plain = (text: string): string => text.replace(control, ' ').trim()

const resourceMay =
  /^(service\.version|deployment\.environment\.name|(browser|user_agent|telemetry\.sdk)\.[\w.-]{1,80})$/

const resourceOf = (given: readonly OtlpKeyValue[]): Resource =>
  resourceFromAttributes({ ...attributesOf(given, resourceMay).kept, 'service.name': serviceName.frontend })

const scopeOf = ({ name, version }: OtlpScope) => ({
  name: /^(@opentelemetry\/[a-z-]{1,60}|cruddur-frontend)$/.test(name) ? name : serviceName.frontend,
  version: plain(version).slice(0, 40),
})

const readable = (
  span: OtlpSpan,
  resource: Resource,
  instrumentationScope: ReadableSpan['instrumentationScope'],
  nowMs: number,
): ReadableSpan => {
  const { kept, dropped } = attributesOf(span.attributes)
  const startTime = timeOf(span.startTimeUnixNano, nowMs)
  const end = timeOf(span.endTimeUnixNano, nowMs)
  const endTime = isBefore(end, startTime) ? startTime : end
  const context = contextOf(span.traceId, span.spanId)
  return {
    name: nameOf(span.name),
    // A browser serves nobody: it calls, or it works.
    kind: span.kind === 3 ? SpanKind.CLIENT : SpanKind.INTERNAL,
    spanContext: () => context,
    ...(span.parentSpanId && { parentSpanContext: contextOf(span.traceId, span.parentSpanId) }),
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    status: statusOf(span.status),
    attributes: { ...kept, [relayAttr.telemetryOrigin]: 'browser' },
    links: span.links.filter(isLink).slice(0, limits.links).map(linkOf),
    events: span.events.slice(0, limits.events).map((event) => eventOf(event, nowMs)),
    ended: true,
    resource,
    instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount + dropped,
    droppedEventsCount: span.droppedEventsCount + Math.max(0, span.events.length - limits.events),
    droppedLinksCount: span.droppedLinksCount + Math.max(0, span.links.length - limits.links),
  }
}

const contextOf = (traceId: string, spanId: string): SpanContext => ({
  traceId,
  spanId,
  traceFlags: TraceFlags.SAMPLED,
})

const statusOf = ({ code, message }: OtlpSpan['status']): ReadableSpan['status'] => {
  if (code !== 2) return { code: code === 1 ? SpanStatusCode.OK : SpanStatusCode.UNSET }
  return { code: SpanStatusCode.ERROR, message: textOf('status', message) }
}

const isLink = ({ traceId, spanId }: OtlpLink): boolean => isTraceId(traceId) && isSpanId(spanId)

const linkOf = ({ traceId, spanId, attributes }: OtlpLink): Link => ({
  context: contextOf(traceId, spanId),
  attributes: attributesOf(attributes).kept,
})

const eventOf = ({ name, timeUnixNano, attributes }: OtlpEvent, nowMs: number): ReadableSpan['events'][number] => ({
  name: nameOf(name),
  time: timeOf(timeUnixNano, nowMs),
  attributes: attributesOf(attributes).kept,
})

const nanosOfMs = 1_000_000n
const nanosOfSecond = 1_000_000_000n

const timeOf = (nanoseconds: string, nowMs: number): HrTime => {
  const now = BigInt(Math.round(nowMs)) * nanosOfMs
  const oldest = now - BigInt(oldestMs) * nanosOfMs
  const newest = now + BigInt(newestMs) * nanosOfMs
  const given = BigInt(nanoseconds)
  const clamped = given < oldest ? oldest : given > newest ? newest : given
  return [Number(clamped / nanosOfSecond), Number(clamped % nanosOfSecond)]
}

const isBefore = (a: HrTime, b: HrTime): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
