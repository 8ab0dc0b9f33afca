import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { readBody } from '@cruddur/vendor-doubles/body'
import { isOtlpPath } from '@cruddur/vendor-doubles/honeycomb'
import { Refused } from '@cruddur/vendor-doubles/protocol'
import { isLocal } from '@cruddur/vendor-doubles/server'
import { BadFaults } from './server/faults.ts'
import { Live } from './server/live.ts'
import { servePage } from './server/page-files.ts'
import { addSavedTrace, NotATrace } from './server/saved-trace.ts'
import { BadQuery, readQuery } from './server/search.ts'
import { TraceStore } from './server/store.ts'
import { createVendors } from './server/vendors.ts'
import type { Place } from './trace/span.ts'

type Options = {
  windowBytes?: number
  pageFolder?: string
}

export type Observatory = {
  server: Server
  /** The X-Ray daemon. Port 0 stands for any free port. */
  daemon: { listen: (port: number) => Promise<number> }
  close: () => Promise<void>
}

const maxFaultsBytes = 4 * 1024
const maxFileBytes = 32 * 1024 * 1024

/** Three vendors on one HTTP port, and the X-Ray daemon on a port of its own. */
export const createObservatory = ({
  windowBytes = 64 * 1024 * 1024,
  pageFolder = fileURLToPath(new URL('../dist', import.meta.url)),
}: Options = {}): Observatory => {
  const store = new TraceStore(windowBytes)
  const live = new Live()
  const changed = (traceIds: Iterable<string>) => live.changed(traceIds)
  const vendors = createVendors(store, changed)
  const page = servePage(pageFolder)
  const place: Place = { xrayAddress: null }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const reading = request.method === 'GET' || request.method === 'HEAD'
    const operation = `${request.method} ${url.pathname}`
    const traceId = /^\/api\/traces\/([^/]+)$/.exec(url.pathname)?.[1]

    if (isOtlpPath(url.pathname) && allowPage(request, response)) return void response.writeHead(204).end()
    const vendor = vendors.handlerFor(request.method ?? '', url.pathname)
    if (vendor) return vendor(request, response)
    if (operation === 'GET /api/traces')
      return json(response, 200, { ...store.list(readQuery(url.searchParams)), ...place })
    if (operation === 'POST /api/traces') {
      // Only this content type makes the browser ask before another site's page may send.
      if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
        return json(response, 415, { message: 'a saved trace is sent as application/json' })
      const traceIds = addSavedTrace(await readBody(request, maxFileBytes), store)
      changed(traceIds)
      return json(response, 201, { traceIds })
    }
    if (operation === 'GET /api/live') return live.listen(response)
    if (operation === 'GET /api/faults') return json(response, 200, vendors.modes())
    if (operation === 'PUT /api/faults') {
      vendors.change(await readJson(request))
      changed([])
      return json(response, 200, vendors.modes())
    }
    if (operation === 'DELETE /api/traces') {
      store.clear()
      changed([])
      return void response.writeHead(204).end()
    }
    if (traceId && reading) {
      const trace = store.trace(traceId.toLowerCase())
      return trace
        ? json(response, 200, { ...trace, ...place })
        : json(response, 404, { message: 'this trace is not stored here' })
    }
    if (reading && (await page(url.pathname, request.headers.accept ?? '', response))) return
    json(response, 404, { message: `nothing at ${request.method} ${url.pathname}` })
  }

  const server = createServer({ requestTimeout: 15_000, headersTimeout: 10_000 }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    if (!isLocal(request.headers.host)) {
      json(response, 403, { message: 'the observatory answers to localhost only' })
      return
    }
    route(request, response).catch((error: unknown) => {
      if (error instanceof BadQuery || error instanceof BadFaults || error instanceof NotATrace) {
        return json(response, 400, { message: error.message })
      }
      if (error instanceof Refused) return json(response, error.status, { message: error.message })
      console.error('the observatory failed:', error)
      if (response.headersSent) response.destroy()
      else json(response, 500, { message: 'the observatory failed; see its output' })
    })
  })

  const closeServer = () =>
    new Promise<void>((resolve) => {
      live.close()
      server.close(() => resolve())
      server.closeAllConnections()
    })

  return {
    server,
    daemon: {
      listen: async (port) => {
        const bound = await vendors.listenForXray(port)
        place.xrayAddress = `127.0.0.1:${bound}`
        return bound
      },
    },
    close: async () => {
      await Promise.all([closeServer(), vendors.close()])
    },
  }
}

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return JSON.parse(String(await readBody(request, maxFaultsBytes)))
  } catch {
    throw new BadFaults('a small JSON object is expected')
  }
}

/** A page of this machine may send OTLP from another port. Answers whether the request only asks for that. */
const allowPage = ({ method, headers }: IncomingMessage, response: ServerResponse): boolean => {
  const { origin, 'access-control-request-headers': wanted } = headers
  if (!origin || !isLocal(origin.replace(/^https?:\/\//, ''))) return false
  response.setHeader('access-control-allow-origin', origin)
  response.setHeader('vary', 'origin')
  if (method !== 'OPTIONS') return false
  if (wanted) response.setHeader('access-control-allow-headers', wanted)
  return true
}

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
