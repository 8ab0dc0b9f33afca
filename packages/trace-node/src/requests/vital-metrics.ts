import { eventName, metricAttr, metricName, webVitalAttr } from '@cruddur/wire/names'
import { type Attributes, type Histogram, metrics } from '@opentelemetry/api'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'

type Vital = 'cls' | 'fcp' | 'inp' | 'lcp' | 'ttfb'

const seconds = { unit: 's', perUnit: 1_000 }
const vitals: Record<Vital, { unit: string; perUnit: number; boundaries: number[] }> = {
  cls: { unit: '1', perUnit: 1, boundaries: [0.01, 0.05, 0.1, 0.15, 0.25, 0.5, 1] },
  fcp: { ...seconds, boundaries: [0.1, 0.25, 0.5, 1, 1.8, 3, 5] },
  inp: { ...seconds, boundaries: [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2] },
  lcp: { ...seconds, boundaries: [0.25, 0.5, 1, 1.8, 2.5, 4, 6, 10] },
  ttfb: { ...seconds, boundaries: [0.05, 0.1, 0.2, 0.4, 0.8, 1.8, 3] },
}
const ratings = new Set<unknown>(['good', 'needs-improvement', 'poor'])
const longestMs = 600_000

let histograms: Map<string, Histogram> | undefined

/** Measures the web vitals that browsers report. Unknown names are ignored; the only attribute is the rating. */
export const measureVitals = (spans: readonly ReadableSpan[]): void => {
  for (const { events } of spans)
    for (const { name, attributes } of events) if (name === eventName.webVital) measure(attributes ?? {})
}

const measure = ({
  [webVitalAttr.name]: vital,
  [webVitalAttr.value]: value,
  [webVitalAttr.rating]: rating,
}: Attributes) => {
  if (typeof vital !== 'string' || typeof value !== 'number' || !(value >= 0 && value <= longestMs)) return
  histograms ??= openHistograms()
  histograms
    .get(vital)
    ?.record(value / vitals[vital as Vital].perUnit, ratings.has(rating) ? { [metricAttr.vitalRating]: rating } : {})
}

// Made on first use, because instruments that are made before the SDK starts measure nothing.
const openHistograms = () => {
  const meter = metrics.getMeter('@cruddur/trace-node')
  return new Map(
    Object.entries(vitals).map(([vital, { unit, boundaries }]) => {
      const advice = { explicitBucketBoundaries: boundaries }
      return [vital, meter.createHistogram(metricName[vital as Vital], { unit, advice })]
    }),
  )
}
