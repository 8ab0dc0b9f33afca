import {
  type Context,
  createContextKey,
  type TextMapGetter,
  type TextMapSetter,
  type TraceState,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'

const randomFlag = 2
const flagsAt = -2
const hasRandomId = createContextKey('the trace id is random')

/**
 * Trace Context level 2. The SDK's propagator implements level 1: it refuses some legal keys, keeps the rest of an
 * invalid tracestate, and loses the random flag.
 */
export class TraceContextPropagator extends W3CTraceContextPropagator {
  override inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    // Trace ids that start here are random.
    const isRandom = context.getValue(hasRandomId) ?? true
    super.inject(context, carrier, {
      set: (to, name, value) =>
        setter.set(to, name, name === 'traceparent' && isRandom ? withRandomFlag(value) : value),
    })
  }

  override extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const extracted = super.extract(context, carrier, {
      keys: (from) => getter.keys(from),
      get: (from, name) => (name === 'tracestate' ? undefined : getter.get(from, name)),
    })
    const parent = trace.getSpanContext(extracted)
    if (extracted === context || !parent) return extracted
    const given = [getter.get(carrier, 'tracestate') ?? []].flat().join(',')
    const traceState = given === '' ? null : TraceStateList.parse(given)
    return trace
      .setSpanContext(extracted, { ...parent, ...(traceState && { traceState }) })
      .setValue(hasRandomId, (parent.traceFlags & randomFlag) !== 0)
  }
}

const withRandomFlag = (traceparent: string): string => {
  const flags = Number.parseInt(traceparent.slice(flagsAt), 16) | randomFlag
  return traceparent.slice(0, flagsAt) + flags.toString(16).padStart(2, '0')
}

const maxMembers = 32
const keyPattern = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/
const valuePattern = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

type Member = readonly [key: string, value: string]
const isMember = ([key, value]: Member): boolean => keyPattern.test(key) && valuePattern.test(value)

/** A whole tracestate, newest entry first. One invalid part makes all of it invalid. */
export class TraceStateList implements TraceState {
  readonly #members: readonly Member[]

  private constructor(members: readonly Member[]) {
    this.#members = members
  }

  static parse(header: string): TraceStateList | null {
    const members = header
      .split(',')
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text): Member => {
        const at = text.indexOf('=')
        return [text.slice(0, Math.max(at, 0)), text.slice(at + 1)]
      })
    if (members.length === 0 || members.length > maxMembers || !members.every(isMember)) return null
    return new TraceStateList(members.filter(([key], at) => members.findIndex(([other]) => other === key) === at))
  }

  get(key: string): string | undefined {
    return this.#members.find(([known]) => known === key)?.[1]
  }

  set(key: string, value: string): TraceStateList {
    if (!isMember([key, value])) return this
    return new TraceStateList([[key, value] as const, ...this.unset(key).#members].slice(0, maxMembers))
  }

  unset(key: string): TraceStateList {
    return new TraceStateList(this.#members.filter(([known]) => known !== key))
  }

  serialize(): string {
    return this.#members.map(([key, value]) => `${key}=${value}`).join(',')
  }
}
