import type { IncomingMessage } from 'node:http'

/** The header names in a `Connection` header: they belong to this one connection and are not passed on. */
export const connectionHeaders = (connection: string | string[] | undefined): string[] =>
  String(connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())

/** Guards against request smuggling: the status that refuses a request whose end two servers could read differently. */
export const refusalOf = ({ headers, headersDistinct, httpVersion }: IncomingMessage): 400 | 501 | null => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 400
  const listed = connectionHeaders(headers.connection)
  if (['content-length', 'transfer-encoding', 'host'].some((name) => listed.includes(name))) return 400
  if ((headersDistinct.host?.length ?? 0) > 1) return 400
  const coding = headers['transfer-encoding']
  if (coding === undefined) return null
  if (httpVersion === '1.0') return 400
  return coding.toLowerCase() === 'chunked' ? null : 501
}
