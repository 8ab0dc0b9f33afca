import type { IncomingMessage } from 'node:http'

/** The names in a `Connection` header. What they name belongs to this one connection and is not passed on. */
export const namedIn = (connection: string | string[] | undefined): string[] =>
  String(connection ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())

/** The status that refuses a request whose end another server might see elsewhere; null for all others. */
export const refusalOf = ({ headers, headersDistinct, httpVersion }: IncomingMessage): 400 | 501 | null => {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return 400
  const named = namedIn(headers.connection)
  if (['content-length', 'transfer-encoding', 'host'].some((name) => named.includes(name))) return 400
  if ((headersDistinct.host?.length ?? 0) > 1) return 400
  const coding = headers['transfer-encoding']
  if (coding === undefined) return null
  if (httpVersion === '1.0') return 400
  return coding.toLowerCase() === 'chunked' ? null : 501
}
