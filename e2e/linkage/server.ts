import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { relayPath } from '@cruddur/wire/names'
import { build, createServer as createVite, type ViteDevServer } from 'vite'
import type { Collector } from '../src/collector.ts'
import { pageVariant } from './variant.ts'

export type LinkageServer = {
  url: string
  /** The pattern and the traceparent of every request. */
  requests: { id: string; traceparent: string | undefined }[]
  /** Answers the requests for the slow image, which wait until then. */
  answerImages: () => void
  /** Sets how far this server's clock is ahead of the browser's. */
  setClock: (aheadMs: number) => void
  stop: () => Promise<void>
}

const configFile = join(import.meta.dirname, 'vite.config.ts')
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript' }
const pixel = Buffer.from('R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==', 'base64')
const answerMs = 20
/** `too-long` is longer than the maximum of an action. */
const slowAnswersMs: Record<string, number> = { slow: 1_000, 'too-long': 11_000 }

export const buildLinkage = (): Promise<unknown> => build({ configFile, logLevel: 'error' })

/** Serves the page, a slow API and the relay from one origin. */
export const startLinkage = async (mode: 'production' | 'dev', collector: Collector): Promise<LinkageServer> => {
  const requests: LinkageServer['requests'] = []
  const variant = pageVariant()
  const waitingImages: (() => void)[] = []
  let aheadMs = 0
  let vite: ViteDevServer | undefined

  const answer = (request: IncomingMessage, response: ServerResponse, id: string): void => {
    requests.push({ id, traceparent: request.headers.traceparent as string | undefined })
    const startedAt = Date.now() + aheadMs
    setTimeout(() => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'server-timing': `total;dur=${Date.now() + aheadMs - startedAt}, at;desc="${startedAt}"`,
      })
      response.end(JSON.stringify({ id }))
    }, slowAnswersMs[id] ?? answerMs)
  }

  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status } = await fetch(`${collector.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      body: new Uint8Array(await buffer(request)),
    })
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  }

  const file = async (path: string, response: ServerResponse): Promise<void> => {
    const name = extname(path) ? path : '/index.html'
    const body = await readFile(join(import.meta.dirname, 'dist', variant, name))
    response.writeHead(200, { 'content-type': types[extname(name)] ?? 'application/octet-stream' }).end(body)
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const notFound = (): void => void response.writeHead(404).end()
    if (pathname.startsWith('/api/jobs/')) answer(request, response, pathname.slice('/api/jobs/'.length))
    else if (pathname === '/api/slow-image') waitingImages.push(notFound)
    else if (pathname === '/api/image') response.writeHead(200, { 'content-type': 'image/gif' }).end(pixel)
    else if (pathname === '/api/plain') response.writeHead(200).end('plain')
    else if (pathname.startsWith('/api/')) notFound()
    else if (pathname === relayPath) relay(request, response).catch(notFound)
    else if (vite) vite.middlewares(request, response, notFound)
    else file(pathname, response).catch(notFound)
  })

  if (mode === 'dev')
    vite = await createVite({
      configFile,
      logLevel: 'error',
      appType: 'spa',
      server: { middlewareMode: true, hmr: { server }, watch: null },
    })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    requests,
    answerImages: () => {
      for (const answerImage of waitingImages.splice(0)) answerImage()
    },
    setClock: (ms) => {
      aheadMs = ms
    },
    stop: async () => {
      await vite?.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}
