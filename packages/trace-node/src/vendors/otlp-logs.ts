import { logAttr } from '@cruddur/wire/names'
import { type Attributes, type Context, logs, ROOT_CONTEXT, SeverityNumber, trace } from '@opentelemetry/api'
import { JsonLogsSerializer, ProtobufLogsSerializer } from '@opentelemetry/otlp-transformer'
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs'
import type { Line, LogSink } from '../logger.ts'
import type { ExportQueueLimits } from './export-queue.ts'
import { bytesOfAttributes, createOtlpQueue, endOf, type OtlpOptions } from './otlp.ts'

const logLimits: Partial<ExportQueueLimits> = { bytes: 4 * 1024 * 1024, itemBytes: 256 * 1024 }
const serializer = { 'http/protobuf': ProtobufLogsSerializer, 'http/json': JsonLogsSerializer } as const
const bytesOfEmptyRecord = 300

export const otlpLogProcessor = (options: OtlpOptions<ReadableLogRecord>) => {
  const queue = createOtlpQueue(
    { ...options, limits: { ...logLimits, ...options.limits } },
    {
      encode: (records: ReadableLogRecord[], protocol) => serializer[protocol].serializeRequest(records),
      resourceOf: ({ resource }) => resource,
    },
  )
  return {
    onEmit: (record: ReadableLogRecord) => {
      queue.add(record, bytesOfEmptyRecord + 2 * String(record.body).length + bytesOfAttributes(record.attributes))
    },
    ...endOf(queue),
  } satisfies LogRecordProcessor
}

const severities: Record<string, SeverityNumber> = {
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
}

/** The attribute of an OTLP record for each field of a log line. */
export type LogAttributes = Readonly<Record<string, string>>
type OtlpLines = { readonly service: string; readonly attributes: LogAttributes }

/** Turns each log line into an OpenTelemetry log record with the ids of its span. */
export const otlpLines = ({ service, attributes }: OtlpLines): LogSink => {
  const names = { ...logAttr, ...attributes }
  return (line) => {
    const { timestamp, level, message } = line
    logs.getLogger(service).emit({
      timestamp: new Date(String(timestamp)),
      severityText: level.toUpperCase(),
      severityNumber: severities[level] ?? SeverityNumber.UNSPECIFIED,
      body: message,
      attributes: attributesOf(line, names),
      context: contextOf(line),
    })
  }
}

const attributesOf = (line: Line, names: LogAttributes): Attributes => {
  const attributes: Attributes = {}
  for (const [field, name] of Object.entries(names)) {
    const value = line[field]
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      attributes[name] = field === 'path' ? String(value).split('?', 1)[0] : value
    }
  }
  return attributes
}

const contextOf = ({ trace_id: traceId, span_id: spanId, trace_flags: flags }: Line): Context =>
  typeof traceId === 'string' && typeof spanId === 'string'
    ? trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: Number.parseInt(String(flags), 16) || 0 })
    : ROOT_CONTEXT
