import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, gzipSync } from 'node:zlib'
import { serviceName } from '@cruddur/shared/service-name'
import type { Locator, Page } from 'playwright-core'
import { startCollector } from '../../e2e/src/collector.ts'
import { actAs, likeButtonOf } from '../../e2e/src/feed.ts'
import { startProduct } from '../../e2e/src/product.ts'
import type { Arm } from './arms.ts'
import { buildMinimal } from './build.ts'
import { ofSpan, type Received, type Signal, signalsIn } from './signals.ts'

/** What came since the last look. A preflight is a request, too. */
type Taken = { readonly requests: number; readonly bytes: number; readonly signals: readonly Signal[] }

export type Site = {
  readonly arm: Arm
  readonly url: string
  readonly take: () => Taken
  /** Paths that the sink does not know. */
  readonly refused: string[]
  /** Makes a page that has loaded ready for the click. */
  readonly prepare: (page: Page) => Promise<void>
  readonly button: (page: Page) => Locator
  /** The request of a load, and that of a click. */
  readonly asks: { readonly load: RegExp; readonly click: RegExp }
  readonly stop: () => Promise<void>
}

const listen = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.close()
    server.closeAllConnections()
  }
  return { port: (server.address() as AddressInfo).port, stop }
}

const read = async (request: IncomingMessage): Promise<Received> => {
  const body = await buffer(request)
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  return { path: request.url ?? '', bytes: body.length, body: (isGzip ? gunzipSync(body) : body).toString() }
}

/** Status and body as the vendor answers, so that no sender tries again. */
const answers: readonly (readonly [path: RegExp, status: number, body: string])[] = [
  [/\/v1\/(traces|logs|metrics)/, 200, '{"partialSuccess":{}}'],
  [/\/api\/1\/item/, 200, '{"err":0,"result":{"id":null,"uuid":"d4c7acef55bf4c9ea95e4fe9428a8287"}}'],
  [/\/envelope\//, 200, '{}'],
  [/\/collect/, 202, '{}'],
  [/\/datadog/, 202, '{"request_id":"d4c7acef-55bf-4c9e-a95e-4fe9428a8287"}'],
  [/\/intake\/v2\/rum\/events/, 202, ''],
]

const bytesOf = (sent: readonly { readonly bytes: number }[]) => sent.reduce((sum, { bytes }) => sum + bytes, 0)

const takenOf = (received: readonly Received[]): Taken => ({
  requests: received.length,
  bytes: bytesOf(received),
  signals: signalsIn(received),
})

const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' }
const items = JSON.stringify(Array.from({ length: 20 }, (_, id) => ({ id, name: `Item ${id + 1}` })))

const startMinimal = async (arm: Arm): Promise<Site> => {
  let orders = 0
  const received: Received[] = []
  const refused: string[] = []
  const sink = await listen(async (request, response) => {
    const { origin = '*', 'access-control-request-headers': headers = '*' } = request.headers
    response.setHeader('access-control-allow-origin', origin)
    response.setHeader('access-control-allow-credentials', 'true')
    response.setHeader('access-control-expose-headers', '*')
    const message = await read(request)
    received.push(message)
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { 'access-control-allow-headers': headers, 'access-control-max-age': '7200' }).end()
      return
    }
    const answer = answers.find(([path]) => path.test(message.path))
    if (!answer) refused.push(message.path)
    const [, status, body] = answer ?? [null, 404, '']
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  const folder = await buildMinimal(arm, `http://127.0.0.1:${sink.port}`)
  const page = await listen(async (request, response) => {
    const path = (request.url ?? '/').replace(/\?.*/, '')
    if (path.startsWith('/relay/')) {
      received.push(await read(request))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"partialSuccess":{}}')
    } else if (path.startsWith('/api/')) {
      const isOrder = request.method === 'POST'
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(isOrder ? JSON.stringify({ orders: ++orders }) : items)
    } else {
      const file = path === '/' ? '/index.html' : normalize(path)
      response.writeHead(200, { 'content-type': types[extname(file)] ?? 'text/plain', 'content-encoding': 'gzip' })
      response.end(gzipSync(readFileSync(join(folder, file))))
    }
  })
  const stop = async () => {
    page.stop()
    sink.stop()
    rmSync(folder, { recursive: true })
  }
  return {
    arm,
    url: `http://localhost:${page.port}`,
    take: () => takenOf(received.splice(0)),
    refused,
    prepare: async () => {},
    button: (page) => page.getByRole('button', { name: 'Buy' }),
    asks: { load: /\/api\/items$/, click: /\/api\/orders$/ },
    stop,
  }
}

/** The page's own sink is its backend, so its requests are counted where they come in, and its spans where they end. */
const startCruddur = async (arm: Arm): Promise<Site> => {
  const collector = await startCollector()
  const product = await startProduct({
    page: arm.context ? 'built' : 'without-telemetry',
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...(arm.context && { PAGE_CONTEXT: arm.context }) },
  })
  const relayed: { bytes: number }[] = []
  const port = Number(new URL(product.url).port)
  /** A page that is built for a test is served by this process. */
  const count = (message: unknown) => {
    const { request } = message as { request: IncomingMessage }
    if (request.socket.localPort === port && request.url?.startsWith('/relay/'))
      relayed.push({ bytes: Number(request.headers['content-length']) })
  }
  subscribe('http.server.request.start', count)
  let seen = 0
  return {
    arm,
    url: product.url,
    take: () => {
      const sent = relayed.splice(0)
      const spans = collector.spans.slice(seen).filter(({ service }) => service === serviceName.frontend)
      seen = collector.spans.length
      return { requests: sent.length, bytes: bytesOf(sent), signals: spans.flatMap(ofSpan) }
    },
    refused: [],
    prepare: (page) => actAs(page, 'Worf'),
    button: (page) => likeButtonOf(page, 'Andrew Brown'),
    asks: { load: /\/api\/activities\/home/, click: /\/like$/ },
    stop: async () => {
      unsubscribe('http.server.request.start', count)
      await product.stop()
      await collector.stop()
    },
  }
}

export const startSite = (arm: Arm): Promise<Site> => (arm.page === 'cruddur' ? startCruddur(arm) : startMinimal(arm))
