import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { NoRoomForBody, readBody } from './server/body.ts'
import { cloudWatchRefusing, takeLogs } from './server/cloudwatch.ts'
import { createDaemon, type Daemon } from './server/daemon.ts'
import { BadFaults, Faults } from './server/faults.ts'
import { honeycombRefusing, isOtlpPath, takeOtlp } from './server/honeycomb.ts'
import { Live } from './server/live.ts'
import { servePage } from './server/page-files.ts'
import { rollbarRefusing, takeItems } from './server/rollbar.ts'
import { BadQuery, readQuery } from './server/search.ts'
import { TraceStore } from './server/store.ts'
import type { Place } from './trace/span.ts'

type Options = {
  windowBytes?: number
  pageFolder?: string
  /** Where the application is that sends its traces here. */
  appUrl?: string
}

export type Observatory = { server: Server; daemon: Daemon; close: () => Promise<void> }

const maxFaultsBytes = 4 * 1024

/** Three vendors on the one HTTP port, and the X-Ray daemon beside it; they listen only when they are told to. */
export const createObservatory = ({
  windowBytes = 64 * 1024 * 1024,
  pageFolder = fileURLToPath(new URL('../dist', import.meta.url)),
  appUrl = 'http://localhost:3000',
}: Options = {}): Observatory => {
  const store = new TraceStore(windowBytes)
  const live = new Live()
  const faults = new Faults((vendor) => store.turnAway(vendor))
  const changed = (traceIds: Iterable<string>) => live.changed(traceIds)
  const intake = { store, changed }
  const takeTelemetry = takeOtlp(intake)
  const takeItem = takeItems(intake)
  const takeLog = takeLogs(intake)
  const page = servePage(pageFolder)
  const daemon = createDaemon(intake, faults, isLocal)
  const place: Place = { appUrl, xrayAddress: null }

  /** What is the vendors', whatever state they are in; the rest is the observatory's own. */
  const takeAsVendor = (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> | boolean => {
    if (isOtlpPath(path)) {
      if (faults.play('honeycomb', request, response, honeycombRefusing)) return true
      if (request.method === 'POST') return takeTelemetry(request, response, path)
      json(response, 405, { message: 'telemetry is posted here' })
      return true
    }
    if (path.startsWith('/api/1/')) {
      // A browser asks first; whoever answers a refusal answers that too.
      const asking = request.method === 'OPTIONS' && /^\d/.test(faults.modes.rollbar)
      if (!asking && faults.play('rollbar', request, response, rollbarRefusing)) return true
      return takeItem(request, response, path)
    }
    if (path === '/' && request.method === 'POST') {
      if (faults.play('cloudwatch', request, response, cloudWatchRefusing)) return true
      return takeLog(request, response)
    }
    return false
  }

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const reading = request.method === 'GET' || request.method === 'HEAD'
    const operation = `${request.method} ${url.pathname}`
    const traceId = /^\/api\/traces\/([^/]+)$/.exec(url.pathname)?.[1]

    const vendor = takeAsVendor(request, response, url.pathname)
    if (vendor !== false) {
      if (vendor === true) changed([])
      else await vendor
      return
    }
    if (operation === 'GET /api/traces')
      return json(response, 200, { ...store.list(readQuery(url.searchParams)), ...place })
    if (operation === 'GET /api/live') return live.listen(response)
    if (operation === 'GET /api/faults') return json(response, 200, faults.modes)
    if (operation === 'PUT /api/faults') {
      faults.change(await readJson(request))
      changed([])
      return json(response, 200, faults.modes)
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
        : json(response, 404, { message: 'no such trace in the window' })
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
      if (error instanceof BadQuery || error instanceof BadFaults) {
        return json(response, 400, { message: error.message })
      }
      if (error instanceof NoRoomForBody) {
        response.setHeader('connection', 'close').setHeader('retry-after', '5')
        return json(response, 503, { message: 'too much is being uploaded at once' })
      }
      console.error('the observatory failed:', error)
      if (response.headersSent) response.destroy()
      else json(response, 500, { message: 'the observatory failed; its own output says how' })
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
        const bound = await daemon.listen(port)
        place.xrayAddress = `127.0.0.1:${bound}`
        return bound
      },
      close: daemon.close,
    },
    close: async () => {
      await Promise.all([closeServer(), daemon.close()])
    },
  }
}

const readJson = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return JSON.parse(Buffer.from(await readBody(request, false, maxFaultsBytes)).toString())
  } catch {
    throw new BadFaults('a small JSON object is expected')
  }
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
