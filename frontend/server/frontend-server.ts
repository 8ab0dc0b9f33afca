import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { BlockList } from 'node:net'
import { type ConnectionLimits, connectionLimits, inTurn, shareConnections } from '@cruddur/shared/connections'
import { familyOf, forwardedForOf } from './forwarded-for.ts'
import { refusalOf } from './framing.ts'
import { createProxy } from './proxy.ts'
import { securityHeaders } from './security-headers.ts'
import { type Site, serveStatic } from './static-files.ts'

type Options = {
  site: Site
  backendUrl: URL
  isTls: boolean
  trustedProxies?: BlockList
  /** How long the backend may take to begin an answer. */
  silentBackendMs?: number
  limits?: ConnectionLimits
}

const isForBackend = (url: string): boolean => /^\/(api\/|relay\/|rollbar\/test(\?|$))/.test(url)

export const createFrontendServer = ({
  site,
  backendUrl,
  isTls,
  trustedProxies = new BlockList(),
  silentBackendMs,
  limits = connectionLimits,
}: Options): Server => {
  const proxy = createProxy(backendUrl, isTls ? 'https' : 'http', forwardedForOf(trustedProxies), silentBackendMs)
  const headers = new Map(Object.entries(securityHeaders(site.connectOrigins, isTls)))

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeaders(headers)
    const url = request.url ?? ''
    const refusal = url.startsWith('/') ? refusalOf(request) : 400
    if (refusal !== null) response.writeHead(refusal, { Connection: 'close' }).end()
    else if (isForBackend(url)) void proxy.forward(request, response)
    else serveStatic(site, request, response)
  }
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 15_000, connectionsCheckingInterval: 2_000, keepAliveTimeout: 5_000 },
    inTurn(handle, limits),
  )
  server.maxConnections = 2_000
  shareConnections(server, (address) => address !== '' && trustedProxies.check(address, familyOf(address)), limits)
  server.once('close', proxy.close)
  return server
}
