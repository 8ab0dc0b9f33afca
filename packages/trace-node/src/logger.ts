import { attr } from '@cruddur/wire/names'
import { trace } from '@opentelemetry/api'
import { remembered } from './remembered.ts'
import { escapeControls, redactQuery, scrubText, shortened } from './scrub.ts'
import { activeTraceIds, type TraceIds } from './trace-ids.ts'

type LogFields<Field extends string> = Readonly<
  Partial<Record<Field | keyof TraceIds, string | number | boolean | null | undefined>>
>
type Say<Field extends string> = (message: string, fields?: LogFields<Field>) => void

export type Log<Field extends string = string> = {
  readonly info: Say<Field>
  readonly warn: Say<Field>
  readonly error: Say<Field>
}

export type LogOptions = {
  readonly service: string
  readonly environment: string
  readonly stdout?: NodeJS.WritableStream
  /** For a terminal: time, message and error, without the other fields. */
  readonly readable?: boolean
  /** They get each line, in addition to stdout. */
  readonly sinks?: readonly LogSink[]
}

const mostErrorLines = 8

export type Line = Record<string, unknown> & { readonly level: string; readonly message: string }
/** `json` is the line as `toJson` writes it. */
export type LogSink = (line: Line, json: string) => void

/** Writes lines to stdout and to the given sinks. Every line carries the ids of the active span. */
export const createLog = ({
  service,
  environment,
  stdout = process.stdout,
  readable = false,
  sinks = [],
}: LogOptions): Log => {
  const say =
    (level: string) =>
    (message: string, fields: LogFields<string> = {}) => {
      const { attributes = {} } = (trace.getActiveSpan() ?? {}) as { attributes?: Record<string, unknown> }
      const line: Line = {
        timestamp: new Date().toISOString(),
        level,
        message: scrubText(message) || '(nothing)',
        ...activeTraceIds(),
        service,
        env: environment,
        user_id: attributes[attr.userId],
        route: attributes['http.route'],
        rollbar_uuid: attributes[attr.rollbarUuid],
      }
      for (const name of Object.keys(fields)) {
        const value = fields[name]
        // An undefined field does not replace the value from the span.
        if (value === undefined || name === '__proto__') continue
        ;(line as Record<string, unknown>)[name] = typeof value === 'string' ? scrubText(value) : value
      }
      if (readable) stdout.write(`${toWords(line)}\n`)
      if (readable && sinks.length === 0) return
      const json = toJson(line)
      if (!readable) stdout.write(`${json}\n`)
      for (const sink of sinks) sink(line, json)
    }
  return { info: say('info'), warn: say('warn'), error: say('error') }
}

type WarnOptions = Pick<LogOptions, 'service' | 'environment' | 'readable'> & {
  readonly stderr?: NodeJS.WritableStream
}
export type Warn = (words: string) => void

/** Warnings about telemetry go to stderr only. As log lines, they could cause more warnings about log lines. */
export const createWarn =
  ({ service, environment, readable = false, stderr = process.stderr }: WarnOptions): Warn =>
  (message) => {
    const line = { timestamp: new Date().toISOString(), level: 'warn', message, service, env: environment }
    stderr.write(`${readable ? message : toJson(line)}\n`)
  }

/** One line of JSON, even when a field contains line breaks. */
export const toJson = (line: Line): string => escapeControls(JSON.stringify(line))

const toWords = ({ timestamp, level, message, reason, error, trace_id }: Line): string => {
  const time = String(timestamp).slice(11, 23)
  const words = [time, level === 'info' ? '' : level.toUpperCase(), message].filter(Boolean).join(' ')
  const line = `${words}${reason ? `: ${reason}` : ''}${trace_id ? `  ${trace_id}` : ''}`
  const errorLines = error ? String(error).split('\n').slice(0, mostErrorLines) : []
  return [line, ...errorLines.map((text) => `    ${text}`)].map(escapeControls).join('\n')
}

export type AnsweredRequest = {
  readonly at: Date
  readonly remoteAddress: string | undefined
  readonly method: string
  readonly scheme: string
  /** As requested, with its query. */
  readonly url: string
  readonly status: number
  readonly durationMs: number
  readonly route?: string | undefined
  /** The ids of the request's span, which has already ended. */
  readonly ids?: Partial<TraceIds>
}

/** `[2026-Nov-20 22:47] 127.0.0.1 GET http /api/activities/home?limit=20 200` */
export const logRequest = (log: Log, request: AnsweredRequest): void => {
  const { at, method, scheme, status, durationMs, route, ids } = request
  const remoteAddress = request.remoteAddress?.replace(/^::ffff:/, '') ?? '-'
  const path = redactQuery(shortened(request.url))
  log.info(`[${stamp(at)}] ${remoteAddress} ${method} ${scheme} ${path} ${status}`, {
    ...ids,
    remote_address: remoteAddress,
    method,
    scheme,
    path,
    status,
    duration_ms: Math.round(durationMs * 10) / 10,
    route,
  })
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

const stamp = (at: Date): string => stampOf(at.toISOString().slice(0, 16))

const stampOf = remembered((minute) => {
  const [date = '', time = ''] = minute.split('T')
  const [year, month, day] = date.split('-')
  return `${year}-${months[Number(month) - 1]}-${day} ${time}`
})
