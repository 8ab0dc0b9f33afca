import { browserAttr } from '@cruddur/wire/names'
import { SpanStatusCode } from '@opentelemetry/api'
import { ATTR_HTTP_REQUEST_METHOD, ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions'
import Rollbar from 'rollbar/src/browser/core'
import scrub from 'rollbar/src/scrub'
import truncation from 'rollbar/src/truncation'
import type { ReadableSpan } from '#sdk'
import { cleanError, cleanText } from './clean-error.ts'
import { currentTraceId } from './current-trace.ts'
import type { Outcome, Send } from './export-queue.ts'
import type { Report } from './faults.ts'
import type { RollbarReports } from './rollbar.ts'
import { late, recordError } from './rollbar-stand-in.ts'
import { withoutQuery } from './url-template.ts'

type Fields = Record<string, unknown>
type Item = Fields & {
  body: Fields
  custom?: Fields
  client: { javascript: Fields }
  notifier: Fields
}

// Leaves out the parts that wrap the page's fetch, console, history and listeners and start their own session. The
// tracer does that already, and two wrappers around one fetch would trace each other's requests.
;(Rollbar as unknown as { setComponents: (components: object) => void }).setComponents({ scrub, truncation })

const itemsPerMinute = 10
const maxItems = 60
let reporting: Report | undefined

/** Sends the queue of faults, and gives the page's own code the vendor's instance, whose `error` records a fault, too. */
export const open = (
  { accessToken, environment, destination }: RollbarReports,
  version: string | undefined,
): Send<Report> => {
  const instance = new Rollbar({
    accessToken,
    endpoint: destination,
    environment,
    captureIp: false,
    itemsPerMinute,
    maxItems,
    timeout: 10_000,
    // The tracer reports each error once, so a second error with the same text is another fault.
    ignoreDuplicateErrors: false,
    inspectAnonymousErrors: false,
    payload: {
      client: {
        javascript: {
          code_version: version ?? 'unknown',
          source_map_enabled: true,
          guess_uncaught_frames: true,
        },
      },
    },
    // The last hook before sending: removes the fields that the package adds on its own.
    onSendCallback: (_isUncaught, _args, item) => complete(item as Item, reporting),
  } as Rollbar.Configuration)
  const postError: PostError = instance.error.bind(instance)
  arrive(Object.assign(instance, { error: recordError }))
  // The queue hands over one report at a time.
  return ([report]) => post(report as Report, postError)
}

/** From now on the page's own code has the vendor's instance, which first gets the calls that have waited. */
const arrive = (instance: Rollbar): void => {
  late.instance = instance
  for (const call of late.calls) call(instance)
  late.calls.clear()
}

/** An item that the page's own code sends has no report, only the trace in which it was sent. */
const complete = (item: Item, report: Report | undefined): void => {
  item.request = { url: withoutQuery(location.href) }
  if (report) {
    item.context = report.route ?? ''
    if (report.userId) item.person = { id: report.userId }
    item.body.telemetry = report.before.map(breadcrumb)
  } else item.custom = { trace_id: currentTraceId(), ...item.custom }
  delete item.notifier.configured_options
  delete item.notifier.diagnostic
  delete item.client.javascript.plugins
}

const milliseconds = ([seconds, nanoseconds]: ReadableSpan['startTime']): number => seconds * 1e3 + nanoseconds / 1e6

const breadcrumb = (span: ReadableSpan): Fields => {
  const { attributes, startTime, name, status } = span
  const { traceId } = span.spanContext()
  const url = attributes[browserAttr.urlTemplate]
  const about = { source: 'client', timestamp_ms: Math.round(milliseconds(startTime)) }
  const level = status.code === SpanStatusCode.ERROR ? 'error' : 'info'
  if (url === undefined) return { ...about, level, type: 'manual', body: { message: name, trace_id: traceId } }
  const body = {
    subtype: 'fetch',
    method: attributes[ATTR_HTTP_REQUEST_METHOD],
    url,
    status_code: attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] ?? null,
    trace_id: traceId,
  }
  return { ...about, level, type: 'network', body }
}

const reasonOf = ({ message }: Error): string => {
  if (/^\d{3}$/.test(message)) return `http_${message}`
  return /items? (per minute|reached)/.test(message) ? 'over_limit' : 'unreachable'
}

const refused = (reason: string): Outcome => ({ is: 'refused', problem: reason, reason })

type PostError = (error: Error, custom: Fields, done: (failure: Error | undefined) => void) => unknown

const post = (report: Report, postError: PostError): Promise<Outcome> =>
  new Promise((resolve) => {
    const { thrown, kind, componentStack, traceId, spanId, sessionId } = report
    const custom = {
      fault: kind,
      trace_id: traceId,
      span_id: spanId,
      session_id: sessionId,
      ...(componentStack && { component_stack: cleanText(componentStack) }),
    }
    // `error` builds the item before it returns, and posts it later.
    reporting = report
    try {
      postError(cleanError(thrown), custom, (failure) =>
        resolve(failure ? refused(reasonOf(failure)) : { is: 'delivered', rejected: 0, problem: null }),
      )
    } catch {
      resolve(refused('not_built'))
    } finally {
      reporting = undefined
    }
  })
