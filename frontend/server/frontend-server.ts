import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { BlockList } from 'node:net'
import { type ConnectionLimits, connectionLimits, inTurn, shareConnections } from '@cruddur/shared/connections'
import { clientOf, familyOf, forwardedForOf } from './forwarded-for.ts'
import { refusalOf } from './framing.ts'
import { createProxy } from './proxy.ts'
import { securityHeaders } from './security-headers.ts'
import { type Site, serveStatic } from './static-files.ts'
import { type Hops, noHops } from './telemetry/hops.ts'

type Options = {
  site: Site
  backendUrl: URL
  isTls: boolean
  trustedProxies?: BlockList
  /** How long the backend may take to start its answer. */
  silentBackendMs?: number
  hops?: Hops
  limits?: ConnectionLimits
  /** Ends event streams, which would keep the server from closing. */
  stopping?: AbortSignal
}

/** A FRONTEND_URL without a port is a public address behind a TLS proxy: the server itself listens on 3000. */
export const frontendAddress = (frontendUrl: URL, host: string | undefined): { host: string; port: number } => ({
  host: host || '127.0.0.1',
  port: frontendUrl.port ? Number(frontendUrl.port) : 3000,
})

const isForBackend = (url: string): boolean => /^\/(api\/|relay\/|rollbar\/test(\?|$))/.test(url)

export const createFrontendServer = ({
  site,
  backendUrl,
  isTls,
  trustedProxies = new BlockList(),
  silentBackendMs,
  hops = noHops,
  limits = connectionLimits,
  stopping = new AbortController().signal,
}: Options): Server => {
  const proxy = createProxy({
    backendUrl,
    publicProtocol: isTls ? 'https' : 'http',
    forwardedFor: forwardedForOf(trustedProxies),
    clientOf: clientOf(trustedProxies),
    hops,
    stopping,
    silentBackendMs,
  })
  const headers = new Map(Object.entries(securityHeaders(site, isTls)))

  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeaders(headers)
    const url = request.url ?? ''
    const refusal = url.startsWith('/') ? refusalOf(request) : 400
    if (refusal !== null) response.writeHead(refusal, { Connection: 'close' }).end()
    else if (url === '/health-check') answerHealthCheck(response, hops)
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

/** The health of this server. The backend's is at /api/health-check. */
const answerHealthCheck = (response: ServerResponse, hops: Hops): void => {
  const signals = [hops.account() ?? []].flat()
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify({ signals }))
}
