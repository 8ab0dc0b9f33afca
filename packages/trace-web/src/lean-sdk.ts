import {
  type Attributes,
  type AttributeValue,
  type Context,
  context,
  type Exception,
  type HrTime,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TimeInput,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api'
import {
  addHrTimes,
  hrTime,
  hrTimeDuration,
  isAttributeValue,
  isTimeInput,
  isTracingSuppressed,
  millisToHrTime,
  sanitizeAttributes,
} from '@opentelemetry/core'
import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
  ATTR_TELEMETRY_SDK_LANGUAGE,
  ATTR_TELEMETRY_SDK_NAME,
  TELEMETRY_SDK_LANGUAGE_VALUE_WEBJS,
} from '@opentelemetry/semantic-conventions'
import type { ReadableSpan, SpanProcessor } from '#sdk'
import { randomHex } from './hex.ts'

type Resource = ReadableSpan['resource']
type Scope = ReadableSpan['instrumentationScope']
type Given = { attributes?: Attributes; spanProcessors: readonly SpanProcessor[] }
type Settings = { resource: Pick<Resource, 'attributes'>; spanProcessors: readonly SpanProcessor[] }

/**
 * OpenTelemetry's API with what a page needs of its SDK: no sampler, no limits, no metrics. That is a seventh of the
 * bytes. lean-sdk.test.ts compares every span with that of the SDK.
 */
export const createProvider = ({ attributes = {}, spanProcessors }: Given): TracerProvider => {
  const resource = {
    attributes: {
      // The specification wants another name than that of OpenTelemetry's own SDK.
      [ATTR_TELEMETRY_SDK_NAME]: '@cruddur/trace-web',
      [ATTR_TELEMETRY_SDK_LANGUAGE]: TELEMETRY_SDK_LANGUAGE_VALUE_WEBJS,
      ...attributes,
    },
  }
  return new PageTracerProvider({ resource, spanProcessors })
}

class PageTracerProvider implements TracerProvider {
  readonly #settings: Settings
  readonly #tracers = new Map<string, Tracer>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  getTracer(name: string, version?: string, { schemaUrl }: { schemaUrl?: string } = {}): Tracer {
    const key = `${name}@${version ?? ''}:${schemaUrl ?? ''}`
    const known = this.#tracers.get(key)
    if (known) return known
    const tracer = new PageTracer(this.#settings, { name, version, schemaUrl } as Scope)
    this.#tracers.set(key, tracer)
    return tracer
  }
}

class PageTracer implements Tracer {
  readonly #settings: Settings
  readonly #scope: Scope

  constructor(settings: Settings, scope: Scope) {
    this.#settings = settings
    this.#scope = scope
  }

  startSpan(name: string, options: SpanOptions = {}, given = context.active()): Span {
    if (isTracingSuppressed(given)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
    const parentContext = options.root ? trace.deleteSpan(given) : given
    const spanContext = trace.getSpanContext(parentContext)
    const parent = spanContext && trace.isSpanContextValid(spanContext) ? spanContext : undefined
    const isRecorded = !parent || (parent.traceFlags & TraceFlags.SAMPLED) > 0
    const ids: SpanContext = {
      traceId: parent?.traceId ?? randomHex(16),
      spanId: randomHex(8),
      traceFlags: isRecorded ? TraceFlags.SAMPLED : TraceFlags.NONE,
      ...(parent?.traceState && { traceState: parent.traceState }),
    }
    if (!isRecorded) return trace.wrapSpanContext(ids)
    const span = new PageSpan(name, ids, options, parent, this.#scope, this.#settings)
    for (const processor of this.#settings.spanProcessors) processor.onStart(span as never, parentContext)
    return span
  }

  startActiveSpan<Fn extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Fn> {
    const fn = rest.pop() as Fn
    const [options, given = context.active()] = rest as [SpanOptions?, Context?]
    const span = this.startSpan(name, options, given)
    return context.with(trace.setSpan(given, span), fn as never, undefined, span) as ReturnType<Fn>
  }
}

class PageSpan implements Span, ReadableSpan {
  name: string
  readonly kind: SpanKind
  readonly parentSpanContext?: SpanContext
  readonly attributes: Attributes = {}
  readonly events: ReadableSpan['events'] = []
  readonly links: Link[] = []
  readonly droppedAttributesCount = 0
  readonly droppedEventsCount = 0
  readonly droppedLinksCount = 0
  readonly instrumentationScope: Scope
  status: SpanStatus = { code: SpanStatusCode.UNSET }
  readonly startTime: HrTime
  endTime: HrTime = [0, 0]
  duration: HrTime = [-1, -1]
  ended = false
  readonly #settings: Settings
  readonly #ids: SpanContext
  readonly #startedAt = performance.now()
  readonly #offset = Date.now() - (this.#startedAt + performance.timeOrigin)
  readonly #hasGivenStart: boolean

  constructor(
    name: string,
    ids: SpanContext,
    options: SpanOptions,
    parent: SpanContext | undefined,
    scope: Scope,
    settings: Settings,
  ) {
    this.name = name
    this.kind = options.kind ?? SpanKind.INTERNAL
    this.instrumentationScope = scope
    this.#ids = ids
    this.#settings = settings
    if (parent) this.parentSpanContext = parent
    this.#hasGivenStart = options.startTime != null
    this.startTime = this.#time(options.startTime ?? Date.now())
    this.setAttributes(sanitizeAttributes(options.attributes)).addLinks(options.links ?? [])
  }

  get resource(): Resource {
    return this.#settings.resource as Resource
  }

  spanContext(): SpanContext {
    return this.#ids
  }

  isRecording(): boolean {
    return !this.ended
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (!this.ended && key !== '' && value != null && isAttributeValue(value)) this.attributes[key] = value
    return this
  }

  setAttributes(attributes: Attributes): this {
    for (const [key, value] of Object.entries(attributes)) this.setAttribute(key, value as AttributeValue)
    return this
  }

  addEvent(name: string, given?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.ended) return this
    const isTime = isTimeInput(given)
    const attributes = isTime ? {} : sanitizeAttributes(given)
    this.events.push({
      name,
      attributes,
      time: this.#time(time ?? (isTime ? given : undefined)),
      droppedAttributesCount: 0,
    })
    return this
  }

  addLink({ context, attributes: given }: Link): this {
    const attributes = sanitizeAttributes(given)
    if (!this.ended) this.links.push({ context, ...(Object.keys(attributes).length > 0 && { attributes }) })
    return this
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link)
    return this
  }

  setStatus({ code, message }: SpanStatus): this {
    if (this.ended || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK) return this
    const hasMessage = code === SpanStatusCode.ERROR && typeof message === 'string'
    this.status = { code, ...(hasMessage && { message }) }
    return this
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name
    return this
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const { code, name, message, stack } = typeof exception === 'string' ? { message: exception } : exception
    const type = code ? String(code) : name
    if (!type && !message) return
    const attributes = {
      ...(type && { [ATTR_EXCEPTION_TYPE]: type }),
      ...(message && { [ATTR_EXCEPTION_MESSAGE]: message }),
      ...(stack && { [ATTR_EXCEPTION_STACKTRACE]: stack }),
    }
    this.addEvent('exception', attributes, time)
  }

  end(time?: TimeInput): void {
    if (this.ended) return
    this.endTime = this.#time(time)
    this.duration = hrTimeDuration(this.startTime, this.endTime)
    if (this.duration[0] < 0) {
      this.endTime = [...this.startTime]
      this.duration = [0, 0]
    }
    this.ended = true
    for (const processor of this.#settings.spanProcessors) processor.onEnd(this)
  }

  #time(given: TimeInput | undefined): HrTime {
    // A small number is one of `performance.now()`, whose clock may have drifted from that of `Date`.
    if (typeof given === 'number')
      return given <= performance.now() ? hrTime(given + this.#offset) : millisToHrTime(given)
    if (given instanceof Date) return millisToHrTime(given.getTime())
    if (given) return given
    return this.#hasGivenStart
      ? millisToHrTime(Date.now())
      : addHrTimes(this.startTime, millisToHrTime(performance.now() - this.#startedAt))
  }
}
