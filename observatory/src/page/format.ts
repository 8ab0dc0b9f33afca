import { eventName, webVitalAttr } from '@cruddur/wire/names'
import type { SpanEvent } from '../trace/span.ts'

const number = (value: number, digits: number) =>
  value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** Three significant digits: `0.42 ms`, `12.3 ms`, `340 ms`, `3.00 s`, `2 min 5 s`. */
export const duration = (ms: number): string => {
  const size = Math.abs(ms)
  if (size === 0) return '0 ms'
  if (size < 9.995) return `${number(ms, 2)} ms`
  if (size < 99.95) return `${number(ms, 1)} ms`
  if (size < 999.5) return `${number(ms, 0)} ms`
  if (size < 59_995) return `${number(ms / 1000, 2)} s`
  const seconds = Math.round(size / 1000)
  return `${ms < 0 ? '−' : ''}${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

/** The name of an event, or the value of a web vital: `LCP 812 ms, good`. */
export const eventTitle = ({ name, attributes }: Pick<SpanEvent, 'name' | 'attributes'>): string => {
  const { [webVitalAttr.name]: vital, [webVitalAttr.value]: value, [webVitalAttr.rating]: rating } = attributes
  if (name !== eventName.webVital || typeof value !== 'number') return name
  return `${String(vital).toUpperCase()} ${vital === 'cls' ? number(value, 3) : duration(value)}, ${rating}`
}

/** `+3,001.2 ms` */
export const offset = (ms: number): string => `${ms < 0 ? '−' : '+'}${number(Math.abs(ms), 1)} ms`

/** The label of a time on the axis, with as few digits as the step allows. */
export const tick = (ms: number, stepMs: number): string => {
  if (ms === 0) return '0'
  const inSeconds = ms >= 1000 || stepMs >= 1000
  const step = inSeconds ? stepMs / 1000 : stepMs
  const digits = Math.min(3, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  return inSeconds ? `${number(ms / 1000, digits)} s` : `${number(ms, digits)} ms`
}

export const age = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 2) return 'just now'
  if (seconds < 60) return `${seconds} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  return `${Math.floor(seconds / 86_400)} d ago`
}

export const clockTime = (epochMs: number): string => {
  const at = new Date(epochMs)
  const two = (value: number, width = 2) => String(value).padStart(width, '0')
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${two(at.getMilliseconds(), 3)}`
}

export const dateTime = (epochMs: number): string =>
  `${new Date(epochMs).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })}, ${clockTime(epochMs)}`

export const bytes = (count: number): string =>
  count < 1024 * 1024 ? `${number(count / 1024, 0)} KiB` : `${number(count / 1024 / 1024, 1)} MiB`

export const count = (value: number, one: string, many = `${one}s`): string =>
  `${value.toLocaleString('en-GB')} ${value === 1 ? one : many}`
