import type { Attributes } from '@opentelemetry/api'
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace'
import { measureVitals } from './vital-metrics.ts'

let accept: ((spans: readonly ReadableSpan[]) => void) | undefined
let deployment: Attributes = {}

/** The way of what the relay takes in. */
export const openBrowserPipeline = (
  processors: readonly SpanProcessor[],
  isSampled: (traceId: string) => boolean,
  deploymentOfThePages: Attributes,
): void => {
  deployment = deploymentOfThePages
  accept = (spans) => {
    measureVitals(spans)
    for (const span of spans.filter((span) => isSampled(span.spanContext().traceId))) {
      for (const processor of processors) processor.onEnd(span)
    }
  }
}

export const acceptBrowserSpans = (spans: readonly ReadableSpan[]): void => accept?.(spans)

export const deploymentOfPages = (): Attributes => deployment
