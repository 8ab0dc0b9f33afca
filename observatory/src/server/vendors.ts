import { cloudWatchProtocol } from '@cruddur/vendor-doubles/cloudwatch'
import { createHandler } from '@cruddur/vendor-doubles/handler'
import { honeycombProtocol, isOtlpPath } from '@cruddur/vendor-doubles/honeycomb'
import type { Protocol, Refusal } from '@cruddur/vendor-doubles/protocol'
import { rollbarProtocol } from '@cruddur/vendor-doubles/rollbar'
import type { VendorServer } from '@cruddur/vendor-doubles/server'
import type { Span as ReceivedSpan } from '@cruddur/vendor-doubles/span'
import { startDaemon } from '@cruddur/vendor-doubles/xray'
import { isFields, itemOf } from '../trace/item.ts'
import { logLineOf } from '../trace/log-line.ts'
import { fromXrayTraceId, isXrayTraceId, type Segment } from '../trace/segment.ts'
import { type Span, untraced } from '../trace/span.ts'
import type { Vendor } from '../trace/vendor.ts'
import { Faults } from './faults.ts'
import type { TraceStore } from './store.ts'

/** The four vendors. They put everything that they accept into the store. */
export const createVendors = (store: TraceStore, changed: (traceIds: Iterable<string>) => void) => {
  const faults = new Faults()
  let daemon: VendorServer | null = null
  let records = 0

  const refused =
    (vendor: Vendor) =>
    ({ what, reason, given }: Refusal) => {
      const { name, traceId } = what === 'request' ? { name: '', traceId: '' } : labelOf[what](given)
      store.refuse({ atMs: Date.now(), vendor, what, reason, name, traceId })
      changed(traceId ? [traceId] : [])
    }
  const turnAway = (vendor: Vendor) => {
    store.turnAway(vendor)
    changed([])
  }
  const options = (vendor: Vendor) => ({
    fault: () => faults.of(vendor),
    received: (_request: unknown, isFaulted: boolean) => {
      if (isFaulted) turnAway(vendor)
    },
  })
  const handlerOf = (vendor: Vendor, protocol: Protocol) => createHandler(protocol, options(vendor))

  const handlers = {
    honeycomb: handlerOf(
      'honeycomb',
      honeycombProtocol({
        span: (span) => {
          store.addSpan(spanOf(span))
          changed([span.traceId])
        },
        logRecord: ({ timeMs, service, severity, body, traceId, spanId, attributes }) => {
          const line = { timeMs, level: severity.toLowerCase(), message: body, traceId, spanId, fields: attributes }
          store.addLog({ ...line, id: `otlp-${++records}`, group: 'OTLP', stream: service })
          changed([traceId ?? untraced])
        },
        metric: (name) => {
          if (store.addMetric(name)) changed([])
        },
        refused: refused('honeycomb'),
      }),
    ),
    rollbar: handlerOf(
      'rollbar',
      rollbarProtocol({
        item: (data) => {
          const item = itemOf(data, data.uuid, Date.now())
          store.addItem(item)
          changed([item.traceId ?? untraced])
        },
        refused: refused('rollbar'),
      }),
    ),
    cloudwatch: handlerOf(
      'cloudwatch',
      cloudWatchProtocol({
        line: ({ message: text, ...event }) => {
          const line = logLineOf({ ...event, text })
          store.addLog(line)
          changed([line.traceId ?? untraced])
        },
        refused: refused('cloudwatch'),
      }),
    ),
  }

  return {
    modes: () => faults.modes,
    change: (given: unknown) => {
      faults.change(given)
      if (daemon) daemon.fault = faults.of('xray')
    },
    /** The handler of a request to a vendor; null for any other request. */
    handlerFor: (method: string, path: string) => {
      if (isOtlpPath(path)) return handlers.honeycomb
      if (path.startsWith('/api/1/')) return handlers.rollbar
      return method === 'POST' && path === '/' ? handlers.cloudwatch : null
    },
    /** The port that the daemon listens on, by UDP and TCP. */
    listenForXray: async (port: number): Promise<number> => {
      const segment = (given: object) => {
        store.addSegment(given as Segment)
        changed([fromXrayTraceId((given as Segment).trace_id ?? '')])
      }
      const sink = { segment, refused: refused('xray'), lost: () => turnAway('xray') }
      daemon = await startDaemon(sink, { port, received: options('xray').received })
      daemon.fault = faults.of('xray')
      return daemon.port
    },
    close: async () => daemon?.stop(),
  }
}

export const spanOf = ({ endMs, traceState, dropped, status, statusMessage, ...span }: ReceivedSpan): Span => ({
  ...span,
  status: { code: status, message: statusMessage },
})

type Label = { name: string; traceId: string }

/** The name under which the page shows a refused record, and the record's trace. */
const labelOf: Record<Exclude<Refusal['what'], 'request'>, (given: unknown) => Label> = {
  span: (given) => {
    const { name, service, traceId } = given as ReceivedSpan
    return { name: `${name || '(no name)'} of ${service}`, traceId }
  },
  segment: (given) => {
    const { name, trace_id: id } = isFields(given) ? given : {}
    return {
      name: typeof name === 'string' ? name : '',
      traceId: typeof id === 'string' && isXrayTraceId(id) ? fromXrayTraceId(id) : '',
    }
  },
  item: (given) => {
    const { class: name, message, traceId } = itemOf(isFields(given) ? given : {}, '', 0)
    return { name: name ?? message, traceId: traceId ?? '' }
  },
  'log event': (given) => {
    const { message: text } = given as { message: string }
    const { message, traceId } = logLineOf({ id: '', timeMs: 0, group: '', stream: '', text })
    return { name: message, traceId: traceId ?? '' }
  },
}
