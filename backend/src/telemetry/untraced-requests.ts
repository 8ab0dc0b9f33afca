import type { IncomingMessage } from 'node:http'
import { relayPath } from '@cruddur/shared/telemetry'

/** No trace for what is not somebody's doing: the transport of traces, a browser's preflight, a balancer's probe. */
export const isUntraced = ({ method, url = '', headers }: IncomingMessage): boolean =>
  url.startsWith(relayPath) ||
  (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) ||
  (url.startsWith('/api/health-check') && headers.traceparent === undefined)
