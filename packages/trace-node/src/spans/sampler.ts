import { hash, randomBytes } from 'node:crypto'
import { isSpanContextValid, trace } from '@opentelemetry/api'
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core'
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace'
import { WrongEnvironment } from '../settings.ts'

export type Odds = {
  /** The share of traces to keep, in addition to those that failed or were slow; null keeps nothing at all. */
  readonly ratio: number | null
  /** The same answer for every span of a trace, in every process with the same key. */
  readonly keeps: (traceId: string) => boolean
  /**
   * How a span says that it counts for `weight` traces: in the `ot` member of its trace state, and as Honeycomb's whole
   * number.
   */
  readonly samplingOf: (traceId: string, weight: number) => { readonly ot: string; readonly sampleRate: number }
}

/** A keyed hash decides: a client can choose a trace id, but cannot know which ones are kept. */
export const oddsOf = (ratio: number | null, key: string = randomBytes(32).toString('hex')): Odds => {
  // Trace ids have one length, so this is as safe as an HMAC, which makes two native objects for each id.
  const digitsOf = (traceId: string) => hash('sha256', key + traceId)
  const threshold = thresholdOf(1 / (ratio || 1)).padEnd(randomDigits, '0')
  return {
    ratio,
    keeps: (traceId) => ratio === 1 || (!!ratio && digitsOf(traceId).slice(0, randomDigits) >= threshold),
    samplingOf: (traceId, weight) => {
      const digits = digitsOf(traceId)
      // Honeycomb reads whole numbers only: 2.5 becomes 2 for half of the traces and 3 for the others.
      const fraction = Number.parseInt(digits.slice(-8), 16) / 2 ** 32
      return {
        ot: `th:${thresholdOf(weight)};rv:${digits.slice(0, randomDigits)}`,
        sampleRate: Math.floor(weight + fraction),
      }
    },
  }
}

/** https://www.w3.org/TR/trace-context-2/ defines 56 random bits; a trace is kept when they reach the threshold. */
const randomDigits = 14

const thresholdOf = (weight: number): string =>
  Math.round((1 - 1 / weight) * 2 ** 56)
    .toString(16)
    .padStart(randomDigits, '0')
    .replace(/(?!^)0+$/, '')

export const oddsFromEnvironment = (key?: string): Odds => {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'always_on'
  switch (name.replace(/^parentbased_/, '')) {
    case 'always_on':
      return oddsOf(1)
    case 'always_off':
      return oddsOf(null)
    case 'traceidratio':
      return oddsOf(ratioFromEnvironment(), key)
    default:
      throw new WrongEnvironment(`OTEL_TRACES_SAMPLER can be always_on, always_off or traceidratio, not "${name}".`)
  }
}

const ratioFromEnvironment = (): number => {
  const given = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1
  if (given >= 0 && given <= 1) return given
  throw new WrongEnvironment(`OTEL_TRACES_SAMPLER_ARG must be a ratio from 0 to 1, not ${given}.`)
}

/** Records everything, because a failure may come later. A client's flag and weight are ignored. */
export const samplerOf = ({ ratio, keeps }: Odds): Sampler => ({
  shouldSample: (context, traceId, name) => {
    if (ratio === null || isNestedConnect(name)) return { decision: SamplingDecision.NOT_RECORD }
    const parent = trace.getSpanContext(context)
    const isLocal = parent && isSpanContextValid(parent) && !parent.isRemote
    const isKept = isLocal ? (parent.traceFlags & 1) === 1 : keeps(traceId)
    const traceState = parent?.traceState?.get('ot') && parent.traceState.unset('ot')
    return {
      decision: isKept ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.RECORD,
      ...(traceState && { traceState }),
    }
  },
  toString: () => `ByKeyedHash{${ratio}}`,
})

// The span `pg-pool.connect` surrounds it and takes as long.
const isNestedConnect = (spanName: string): boolean => spanName === 'pg.connect'
