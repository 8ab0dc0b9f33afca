import { problemOf, spansOf } from '@cruddur/vendor-doubles/span'
import { segmentProblemOf } from '@cruddur/vendor-doubles/xray'
import { decodeTraceRequest, MalformedOtlp } from '@cruddur/wire/otlp'
import * as z from 'zod'
import { itemOf } from '../trace/item.ts'
import type { LogLine } from '../trace/log-line.ts'
import { fromXrayTraceId, type Segment } from '../trace/segment.ts'
import type { Span } from '../trace/span.ts'
import type { TraceStore } from './store.ts'
import { spanOf } from './vendors.ts'

export class NotATrace extends Error {}

const traceId = z.string().regex(/^(?!0+$)[0-9a-f]{32}$/)
const spanId = z.string().regex(/^(?!0+$)[0-9a-f]{16}$/)
const attributes = z.record(z.string(), z.json())
const fields = z.record(z.string(), z.unknown())

const span: z.ZodType<Span> = z.object({
  traceId,
  spanId,
  parentSpanId: spanId.nullable(),
  name: z.string(),
  kind: z.enum(['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']),
  service: z.string(),
  startMs: z.number().positive(),
  durationMs: z.number().nonnegative(),
  status: z.object({ code: z.enum(['unset', 'ok', 'error']), message: z.string() }),
  attributes,
  resource: attributes,
  scope: z.object({ name: z.string(), version: z.string() }),
  events: z.array(z.object({ name: z.string(), timeMs: z.number(), attributes })),
  links: z.array(z.object({ traceId, spanId, attributes })),
})

const line: z.ZodType<LogLine> = z.object({
  id: z.string(),
  timeMs: z.number(),
  group: z.string(),
  stream: z.string(),
  level: z.string(),
  message: z.string(),
  traceId: traceId.nullable(),
  spanId: spanId.nullable(),
  fields,
})

/** The answer of `GET /api/traces/<id>`. */
const savedTrace = z.object({
  spans: z.array(span),
  segments: z.array(fields),
  items: z.array(z.object({ uuid: z.string(), timeMs: z.number(), data: fields })),
  logs: z.array(line),
})

/** Adds the traces of a file to the store: of one that this observatory saved, or of one in OTLP JSON. Answers with their ids. */
export const addSavedTrace = (file: Buffer, store: TraceStore): string[] => {
  const { spans, segments, items, logs } = readFile(file)
  for (const one of spans) store.addSpan(one)
  for (const one of segments) store.addSegment(one)
  for (const one of items) store.addItem(one)
  for (const one of logs) store.addLog(one)
  const traceIds = [...spans, ...items, ...logs].map((one) => one.traceId)
  const ofSegments = segments.map(({ trace_id }) => fromXrayTraceId(trace_id ?? ''))
  return [...new Set([...traceIds, ...ofSegments])].filter((id) => id !== null)
}

const readFile = (file: Buffer) => {
  const given = parse(file)
  if (typeof given === 'object' && given !== null && 'resourceSpans' in given) {
    return { spans: readOtlp(file), segments: [], items: [], logs: [] }
  }
  const { data, error } = savedTrace.safeParse(given)
  if (error)
    throw new NotATrace(`This is not a saved trace: ${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`)
  const problem = data.segments.map(segmentProblemOf).find((one) => one !== null)
  if (problem) throw new NotATrace(`A segment of this trace is wrong: ${problem}`)
  const items = data.items.map(({ data, uuid, timeMs }) => itemOf(data, uuid, timeMs))
  return { ...data, segments: data.segments as Segment[], items }
}

const parse = (file: Buffer): unknown => {
  try {
    return JSON.parse(String(file))
  } catch {
    throw new NotATrace('This file is not JSON.')
  }
}

const readOtlp = (file: Buffer): Span[] => {
  try {
    const spans = spansOf(decodeTraceRequest(file, 'application/json'))
    const problem = spans.map(problemOf).find((one) => one !== null)
    if (problem) throw new NotATrace(`A span of this file is wrong: ${problem}`)
    return spans.map(spanOf)
  } catch (error) {
    if (error instanceof MalformedOtlp) throw new NotATrace(`This is not OTLP: ${error.message}`)
    throw error
  }
}
