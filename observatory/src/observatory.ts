import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { takeTraces } from './server/intake.ts'
import { Live } from './server/live.ts'
import { servePage } from './server/page-files.ts'
import { BadQuery, readQuery } from './server/search.ts'
import { TraceStore } from './server/store.ts'

type Options = {
  windowBytes?: number
  pageFolder?: string
  /** Where the application is that sends its traces here. */
  appUrl?: string
}

export type Observatory = { server: Server; close: () => Promise<void> }

/** The observatory's whole HTTP side; it listens only when its `server` is told to. */
export const createObservatory = ({
  windowBytes = 64 * 1024 * 1024,
  pageFolder = fileURLToPath(new URL('../dist', import.meta.url)),
  appUrl = 'http://localhost:3000',
}: Options = {}): Observatory => {
  const store = new TraceStore(windowBytes)
  const live = new Live()
  const take = takeTraces(store, (traceIds) => live.changed(traceIds))
  const page = servePage(pageFolder)

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const reading = request.method === 'GET' || request.method === 'HEAD'
    const operation = `${request.method} ${url.pathname}`
    const traceId = /^\/api\/traces\/([^/]+)$/.exec(url.pathname)?.[1]

    if (operation === 'POST /v1/traces') return take(request, response)
    if (url.pathname === '/v1/traces') return json(response, 405, { message: 'traces are posted here' })
    if (operation === 'GET /api/traces')
      return json(response, 200, { ...store.list(readQuery(url.searchParams)), appUrl })
    if (operation === 'GET /api/live') return live.listen(response)
    if (operation === 'DELETE /api/traces') {
      store.clear()
      live.changed([])
      return void response.writeHead(204).end()
    }
    if (traceId && reading) {
      const trace = store.trace(traceId.toLowerCase())
      return trace ? json(response, 200, trace) : json(response, 404, { message: 'no such trace in the window' })
    }
    if (reading && (await page(url.pathname, response))) return
    json(response, 404, { message: `nothing at ${request.method} ${url.pathname}` })
  }

  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    if (!isLocal(request.headers.host)) {
      json(response, 403, { message: 'the observatory answers to localhost only' })
      return
    }
    route(request, response).catch((error: unknown) => {
      if (error instanceof BadQuery) return json(response, 400, { message: error.message })
      console.error('the observatory failed:', error)
      if (response.headersSent) response.destroy()
      else json(response, 500, { message: 'the observatory failed; its own output says how' })
    })
  })

  const close = () =>
    new Promise<void>((resolve) => {
      live.close()
      server.close(() => resolve())
      server.closeAllConnections()
    })

  return { server, close }
}

/** A stranger's name that resolves to this machine (DNS rebinding) still comes in the Host header. */
const isLocal = (host: string | undefined): boolean => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? '')

const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}
