import { attr, browserAttr, relayAttr, userIdKey } from '@cruddur/wire/names'
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
} from '@cruddur/wire/otlp'
import { type Attributes, type AttributeValue, type Link, SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { type Resource, resourceFromAttributes } from '@opentelemetry/resources'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { scrubText, withoutQuery } from '../scrub.ts'
import { contextOf, receivedSpan, timeOf } from '../spans/received-span.ts'
import { clockShiftMs, isWithin, nanosAt, plausible, type TimeRange } from './page-clock.ts'

const limits = { attributes: 64, events: 32, links: 16, valueLength: 4_096, nameLength: 255, array: 64 }

type Accepted = { readonly accepted: ReadableSpan[]; readonly rejected: number; readonly reason: string }

export type Sender = {
  readonly nowMs: number
  /** When the page sent the request, by the page's clock, if the page says so. */
  readonly sentAtMs?: number | undefined
  /** The visit that the request's header proves. */
  readonly visitId?: string | undefined
  /** The user of the session's cookie. */
  readonly userId?: string | null
  /** The name of the page's service. */
  readonly service: string
  /** Resource attributes that pages share with their backend. */
  readonly deployment?: Attributes
}

/** Rebuilds each span from the fields that a browser may set. No other part of the request is passed on. */
export const acceptableSpans = (request: OtlpTraceRequest, sender: Sender): Accepted => {
  const accepted: ReadableSpan[] = []
  const reasons = new Set<string>()
  let rejected = 0
  const reject = (objection: string) => {
    rejected++
    reasons.add(objection)
  }
  const sound = request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const ownResource = resourceOf(resource.attributes, sender)
    return scopeSpans.flatMap(({ scope, spans }) => {
      const from = { resource: ownResource, instrumentationScope: scopeOf(scope, sender.service) }
      return spans.flatMap((span) => {
        const objection = objectionTo(span)
        if (objection) reject(objection)
        return objection ? [] : { span, from }
      })
    })
  })
  const shiftMs = shiftOf(
    sound.map(({ span }) => span),
    sender,
  )
  const range = plausible(sender.nowMs)
  for (const { span, from } of sound) {
    const moved = [span.startTimeUnixNano, span.endTimeUnixNano].map((time) => movedBy(time, shiftMs))
    if (moved.every((time) => isWithin(time, range)))
      accepted.push(spanOfPage(span, from, { ...sender, shiftMs, range }))
    else reject('a time is too far from now')
  }
  return { accepted, rejected, reason: [...reasons].join('; ') }
}

const shiftOf = (spans: readonly OtlpSpan[], { sentAtMs, nowMs }: Sender): number => {
  if (spans.length === 0) return 0
  const latest = spans.reduce((last, { endTimeUnixNano }) => {
    const end = BigInt(endTimeUnixNano)
    return end > last ? end : last
  }, 0n)
  return clockShiftMs(latest, sentAtMs, nowMs)
}

const movedBy = (nanoseconds: string, shiftMs: number): bigint => BigInt(nanoseconds) + nanosAt(shiftMs)

export const countSpans = (request: OtlpTraceRequest): number =>
  request.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).reduce((sum, { spans }) => sum + spans.length, 0)

const objectionTo = (span: OtlpSpan): string | undefined => {
  if (!isTraceId(span.traceId) || !isSpanId(span.spanId)) return 'a trace or span id is malformed'
  if (span.parentSpanId !== '' && !isSpanId(span.parentSpanId)) return 'a parent id is malformed'
  if (plain(span.name) === '') return 'a span has no name'
  if (span.attributes.length > limits.attributes) return `more than ${limits.attributes} attributes`
  const forged = span.attributes.find(({ key }) => serverOnly.test(key))
  return forged && `a browser may not set ${plain(forged.key).slice(0, 64)}`
}

const serverOnly =
  /^(db|rpc|messaging|faas|cloud|aws|gcp|azure|k8s|container|host|process|os|enduser|peer)\.|^http\.route$/
const allowed =
  /^(app|http|url|page|error|exception|browser|user_agent|network|server|document|event|code|web_vital)\.[\w.-]{1,80}$/
const allowedOnSpan = new RegExp(`${allowed.source}|^${browserAttr.sessionId}$`)
const urlKeys = /^url\.|(^|[._])(url|uri|target|href|referrer)$/
const neverAllowed =
  /^app\.clock_shift_ms$|^url\.(query|fragment)$|^http\.(request|response)\.(header|body)(\.(?!size$)|$)|(^|[._-])(password|passwd|pwd|secret|token|authorization|cookie|api[_-]?key|access[_-]?key|e?mail)($|[._-])/i

const attributesOf = (given: readonly OtlpKeyValue[], may = allowed): { kept: Attributes; dropped: number } => {
  const kept: Attributes = {}
  let dropped = 0
  for (const { key, value } of given.slice(0, limits.attributes)) {
    const plainValue = may.test(key) && !neverAllowed.test(key) ? plainValueOf(key, value) : undefined
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
  const address = urlKeys.test(key) ? withoutQuery(text) : text
  // A stack keeps its line breaks.
  const lines = key === 'exception.stacktrace' ? address.split('\n').map(plain).join('\n') : plain(address)
  return scrubText(lines.slice(0, limits.valueLength)).toWellFormed()
}

const nameOf = (name: string): string => scrubText(plain(name).slice(0, limits.nameLength)).toWellFormed()

// biome-ignore lint/suspicious/noControlCharactersInRegex: this finds control characters
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
const plain = (text: string): string => text.replace(control, ' ').trim()

const resourceMay = /^(service\.version|app\.viewport|(browser|user_agent|telemetry\.sdk)\.[\w.-]{1,80})$/

const resourceOf = (given: readonly OtlpKeyValue[], { service, deployment }: Sender): Resource =>
  resourceFromAttributes({
    ...attributesOf(given, resourceMay).kept,
    ...deployment,
    'service.name': service,
  })

const scopeOf = ({ name, version }: OtlpScope, service: string) => ({
  name: /^[@\w./-]{1,80}$/.test(name) ? name : service,
  ...(/^[\w.+-]{1,40}$/.test(version) && { version }),
})

type From = Pick<ReadableSpan, 'resource' | 'instrumentationScope'>
type Placed = Sender & { readonly shiftMs: number; readonly range: TimeRange }

const spanOfPage = (span: OtlpSpan, from: From, sender: Placed): ReadableSpan => {
  const { kept, dropped } = attributesOf(span.attributes, allowedOnSpan)
  const { shiftMs, range } = sender
  const events = span.events
    .filter(({ timeUnixNano }) => isWithin(movedBy(timeUnixNano, shiftMs), range))
    .slice(0, limits.events)
  return receivedSpan({
    name: nameOf(span.name),
    // A page has no server spans.
    kind: span.kind === 3 ? SpanKind.CLIENT : SpanKind.INTERNAL,
    context: contextOf(span.traceId, span.spanId),
    ...(span.parentSpanId && { parentSpanContext: contextOf(span.traceId, span.parentSpanId) }),
    startNanos: movedBy(span.startTimeUnixNano, shiftMs),
    endNanos: movedBy(span.endTimeUnixNano, shiftMs),
    status: statusOf(span.status),
    attributes: stamped(kept, sender),
    links: span.links.filter(isLink).slice(0, limits.links).map(linkOf),
    events: events.map((event) => eventOf(event, shiftMs)),
    ...from,
    droppedAttributesCount: span.droppedAttributesCount + dropped,
    droppedEventsCount: span.droppedEventsCount + span.events.length - events.length,
    droppedLinksCount: span.droppedLinksCount + Math.max(0, span.links.length - limits.links),
  })
}

/** Adds the attributes that only the relay knows. They override those of the page. */
const stamped = (kept: Attributes, { userId, visitId, shiftMs }: Placed): Attributes => {
  const {
    [attr.userId]: claimed,
    [browserAttr.sessionId]: claimedVisit,
    [browserAttr.clockOffsetMs]: offsetMs,
    ...own
  } = kept
  // Another user may have signed in since. A span without a user is better than one with the wrong user.
  const user = claimed === undefined || claimed === userId ? userId : undefined
  return {
    ...own,
    // The span's own times have moved as well.
    ...(typeof offsetMs === 'number' && { [browserAttr.clockOffsetMs]: offsetMs - shiftMs }),
    // A batch that waited can hold spans of an earlier visit, too.
    ...(visitId !== undefined && claimedVisit === visitId && { [browserAttr.sessionId]: visitId }),
    ...(user && { [attr.userId]: user, [userIdKey]: user }),
    ...(shiftMs !== 0 && { [relayAttr.clockShiftMs]: shiftMs }),
    [relayAttr.telemetryOrigin]: 'browser',
  }
}

const statusOf = ({ code, message }: OtlpSpan['status']): ReadableSpan['status'] => {
  if (code !== 2) return { code: code === 1 ? SpanStatusCode.OK : SpanStatusCode.UNSET }
  return { code: SpanStatusCode.ERROR, message: textOf('status', message) }
}

const isLink = ({ traceId, spanId }: OtlpLink): boolean => isTraceId(traceId) && isSpanId(spanId)

const linkOf = ({ traceId, spanId, attributes }: OtlpLink): Link => ({
  context: contextOf(traceId, spanId),
  attributes: attributesOf(attributes).kept,
})

const eventOf = ({ name, timeUnixNano, attributes }: OtlpEvent, shiftMs: number): ReadableSpan['events'][number] => ({
  name: nameOf(name),
  time: timeOf(movedBy(timeUnixNano, shiftMs)),
  attributes: attributesOf(attributes).kept,
})
