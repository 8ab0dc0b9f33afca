import type { IncomingMessage } from 'node:http'
import { livePath } from '@cruddur/shared/live'

/**
 * The probes of a load balancer have no span. A stream of events would be a span as long as its tab is open; its opening
 * and each delivery have spans of their own.
 */
export const isUntraced = ({ method, url = '', headers }: IncomingMessage): boolean =>
  ((method === 'GET' || method === 'HEAD') && url.split('?', 1)[0] === livePath) ||
  (url.startsWith('/api/health-check') && headers.traceparent === undefined)
