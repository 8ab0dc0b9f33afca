import type { Attributes } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { measureVitals } from './vital-metrics.ts'

type Accept = (spans: readonly ReadableSpan[], address: string) => void

let accept: Accept | undefined
let deployment: Attributes = {}

/** The way of what the relay takes in. */
export const openBrowserPipeline = (to: Accept, deploymentOfThePages: Attributes): void => {
  deployment = deploymentOfThePages
  accept = (spans, address) => {
    measureVitals(spans)
    to(spans, address)
  }
}

export const acceptBrowserSpans: Accept = (spans, address) => accept?.(spans, address)

export const deploymentOfPages = (): Attributes => deployment
