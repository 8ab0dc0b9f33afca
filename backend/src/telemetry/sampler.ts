import { ROOT_CONTEXT, SpanKind } from '@opentelemetry/api'
import { getNumberFromEnv, getStringFromEnv } from '@opentelemetry/core'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  createAlwaysRecordSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import { WrongTelemetry } from './exporters.ts'

/**
 * OTEL_TRACES_SAMPLER without its "parentbased": the stock one obeys a stranger's flag, so `-01` would run up the bill and
 * `-00` would hide an attack. Here the trace id decides, and as it decides the same for every span, traces stay whole.
 * What is not sampled is still recorded, for it may turn out to be a fault (see keep-faults.ts).
 */
export const samplerFromEnvironment = (): Sampler => {
  const base = baseSampler()
  const recording = base instanceof AlwaysOffSampler ? base : createAlwaysRecordSampler(base)
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) =>
      isNestedConnect(name)
        ? { decision: SamplingDecision.NOT_RECORD }
        : recording.shouldSample(context, traceId, name, kind, attributes, links),
    toString: () => `ByTraceId{${base}}`,
  }
}

export const isSampled = (sampler: Sampler, traceId: string): boolean =>
  sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision ===
  SamplingDecision.RECORD_AND_SAMPLED

// `pg-pool.connect` is the wait that matters; opening the connection inside it says the same again.
const isNestedConnect = (spanName: string): boolean => spanName === 'pg.connect'

const baseSampler = (): Sampler => {
  const name = getStringFromEnv('OTEL_TRACES_SAMPLER') ?? 'always_on'
  switch (name.replace(/^parentbased_/, '')) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio())
    default:
      throw new WrongTelemetry(`OTEL_TRACES_SAMPLER is not known: "${name}".`)
  }
}

const ratio = (): number => {
  const given = getNumberFromEnv('OTEL_TRACES_SAMPLER_ARG') ?? 1
  if (given >= 0 && given <= 1) return given
  throw new WrongTelemetry(`OTEL_TRACES_SAMPLER_ARG is a ratio between 0 and 1, not ${given}.`)
}
