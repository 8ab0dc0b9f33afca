import type { IncomingMessage } from 'node:http'
import { livePath } from '@cruddur/shared/live'
import { hopsPath, relayPath } from '@cruddur/shared/telemetry'

/**
 * No trace for what is not somebody's doing: the transport of traces, a browser's preflight, a balancer's probe.
 * A stream of events would be a span as long as the tab is open: its opening is one, and each event that is delivered.
 */
export const isUntraced = ({ method, url = '', headers }: IncomingMessage): boolean =>
  url.startsWith(relayPath) ||
  url === hopsPath ||
  ((method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === livePath) ||
  (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) ||
  (url.startsWith('/api/health-check') && headers.traceparent === undefined)
