import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { context } from '@opentelemetry/api'
import { getRPCMetadata } from '@opentelemetry/core'

/** A request of Express 4, Express 5 or Node itself. */
export type Incoming = IncomingMessage & {
  /** Express: the client's address, behind the proxies that the application trusts. */
  readonly ip?: string | undefined
  readonly originalUrl?: string
  readonly protocol?: string
  readonly baseUrl?: string
  // biome-ignore lint/suspicious/noExplicitAny: as in the types of Express
  readonly app?: any
  // biome-ignore lint/suspicious/noExplicitAny: as in the types of Express
  readonly route?: any
}

export type Next = (error?: unknown) => void
export type Handler<Req extends Incoming = Incoming> = (req: Req, res: ServerResponse, next: Next) => void

export const addressOf = ({ ip, socket }: Incoming): string => ip ?? socket.remoteAddress ?? ''

/** As requested, wherever the handler is mounted. */
export const urlOf = ({ originalUrl, url = '' }: Incoming): string => originalUrl ?? url

export const pathOf = (req: Incoming): string => urlOf(req).split('?', 1)[0] as string

export const schemeOf = ({ protocol, socket }: Incoming): string =>
  protocol ?? ((socket as Partial<TLSSocket>).encrypted ? 'https' : 'http')

/**
 * The route of the span, because Express forgets the router's path when an async handler fails, and fills in its
 * parameters.
 */
export const routeOf = ({ route, baseUrl = '' }: Incoming): string | undefined =>
  route ? (getRPCMetadata(context.active())?.route ?? baseUrl + String(route.path)) : undefined

/** Whether a browser sent the request from this origin or from an allowed one. Other clients send neither header. */
export const isFromPage = ({ headers }: IncomingMessage, allowOrigins: readonly string[]): boolean => {
  const { origin, host, 'sec-fetch-site': site } = headers
  if (origin !== undefined && allowOrigins.includes(origin)) return true
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}
