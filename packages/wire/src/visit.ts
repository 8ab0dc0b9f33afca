import { hash } from 'node:crypto'

/**
 * The id of the visit that sent this header: the first half of the SHA-256 of its secret, as text. A client that knows only an
 * id cannot send a header for it. Undefined when the header is missing or malformed.
 */
export const visitIdOf = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' && /^[0-9a-f]{32}$/.test(header) ? hash('sha256', header).slice(0, 32) : undefined
