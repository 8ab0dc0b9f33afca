import type { Attributes } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import { measureVitals } from './vital-metrics.ts'

type Accept = (spans: readonly ReadableSpan[], address: string) => void

let accept: Accept | undefined
let acceptHop: ((span: ReadableSpan) => void) | undefined
let deployment: Attributes = {}

/** The way of what the relay takes in. */
export const openBrowserPipeline = (to: Accept, deploymentOfThePages: Attributes): void => {
  deployment = deploymentOfThePages
  accept = (spans, address) => {
    measureVitals(spans)
    to(spans, address)
  }
}

/** The way of the spans of the page's own server. */
export const openHops = (to: (span: ReadableSpan) => void): void => {
  acceptHop = to
}

export const acceptHops = (spans: readonly ReadableSpan[]): void => {
  for (const span of spans) acceptHop?.(span)
}

export const acceptBrowserSpans: Accept = (spans, address) => accept?.(spans, address)

export const deploymentOfPages = (): Attributes => deployment
