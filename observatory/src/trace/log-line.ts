import { type Fields, isFields, textIn } from './item.ts'
import { fromXrayTraceId, isXrayTraceId } from './segment.ts'

/** A log event, parsed as a line of JSON. */
export type LogLine = {
  id: string
  timeMs: number
  group: string
  stream: string
  level: string
  message: string
  traceId: string | null
  spanId: string | null
  /** The other fields; empty when the line is not JSON. */
  fields: Fields
}

export type LogEvent = { id: string; timeMs: number; group: string; stream: string; text: string }

export const logLineOf = ({ text, ...event }: LogEvent): LogLine => {
  const parsed = parse(text)
  if (!parsed) return { ...event, level: '', message: text, traceId: null, spanId: null, fields: {} }
  const { level, message, trace_id, span_id, xray_trace_id, ...fields } = parsed
  const traceId = textIn(trace_id)?.toLowerCase() ?? ''
  const xray = textIn(xray_trace_id) ?? ''
  const spanId = textIn(span_id)?.toLowerCase() ?? ''
  return {
    ...event,
    level: textIn(level) ?? '',
    message: textIn(message) ?? text,
    traceId: traceForm.test(traceId) ? traceId : isXrayTraceId(xray) ? fromXrayTraceId(xray) : null,
    spanId: /^(?!0+$)[0-9a-f]{16}$/.test(spanId) ? spanId : null,
    fields: xray ? { ...fields, xray_trace_id: xray } : fields,
  }
}

const traceForm = /^(?!0+$)[0-9a-f]{32}$/

const parse = (text: string): Fields | null => {
  try {
    const value: unknown = JSON.parse(text)
    return isFields(value) ? value : null
  } catch {
    return null
  }
}

export const isBad = (level: string): boolean => /^(error|crit|fatal|emerg|alert)/i.test(level)
