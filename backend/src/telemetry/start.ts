import type { IncomingMessage } from 'node:http'
import { livePath } from '@cruddur/shared/live'
import { attr, logAttr, serviceName } from '@cruddur/shared/telemetry'
import { startTracing } from '@cruddur/trace-node'
import { serviceVersion } from '../service-version.ts'

/**
 * The probes of a load balancer have no span. A stream of events would be a span as long as its tab is open; its opening
 * and each delivery have spans of their own.
 */
const untraced = ({ method, url = '', headers }: IncomingMessage): boolean =>
  ((method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === livePath) ||
  (url.startsWith('/api/health-check') && headers.traceparent === undefined)

startTracing({
  service: serviceName.backend,
  version: serviceVersion(),
  untraced,
  logGroup: 'cruddur',
  logAttributes: logAttr,
  segmentMetadata: { now: attr.now, 'results-size': attr.resultLength },
})
