import type { IncomingMessage } from 'node:http'
import { livePath } from '@cruddur/shared/live'
import { hopsPath, relayPath } from '@cruddur/wire/names'

/**
 * Requests without a span: the transport of spans, preflights, the probes of a load balancer. A stream of events would be
 * a span as long as its tab is open; its opening and each delivery have spans of their own.
 */
export const isUntraced = ({ method, url = '', headers }: IncomingMessage): boolean =>
  url.startsWith(relayPath) ||
  url === hopsPath ||
  ((method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === livePath) ||
  (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) ||
  (url.startsWith('/api/health-check') && headers.traceparent === undefined)
