import type { IncomingMessage } from 'node:http'
import { hopsPath } from '@cruddur/wire/names'
import { vendors } from '../vendors.ts'

/** Where this process takes the spans of its pages. */
export const relayPaths = new Set<string>()

/** Requests without a span: the transport of spans, preflights, and what the application names. */
export const isUntraced = (request: IncomingMessage): boolean => {
  const { method, url = '', headers } = request
  return (
    relayPaths.has(url.split('?', 1)[0] as string) ||
    url === hopsPath ||
    (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) ||
    vendors().untraced(request)
  )
}
