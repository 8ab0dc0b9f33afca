import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

type Encoding = 'br' | 'gzip' | 'identity'
type Variant = { body: Buffer; etag: string }
type StaticFile = { type: string; cacheControl: string; variants: Map<Encoding, Variant> }

/** A build, read into memory at the start: no request can reach any other file. */
export type Site = {
  files: ReadonlyMap<string, StaticFile>
  connectOrigins: readonly string[]
  /** The hashes of the inline code of index.html, as the content security policy spells them. */
  inline: { scripts: readonly string[]; styles: readonly string[] }
  version: string
}

/** Written by the build for this server, not for the browser. */
const connectOriginsFile = 'connect-origins.json'

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
}

const extensionByEncoding = { br: '.br', gzip: '.gz' } as const

export const readSite = async (dist: URL): Promise<Site | null> => {
  const root = fileURLToPath(dist)
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => [])
  const bodies = new Map<string, Buffer>()
  await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name)
        bodies.set(`/${relative(root, path).replaceAll('\\', '/')}`, await readFile(path))
      }),
  )
  if (!bodies.has('/index.html')) return null

  const files = new Map<string, StaticFile>()
  for (const [path, body] of bodies) {
    if (/\.(br|gz)$/.test(path) || path === `/${connectOriginsFile}`) continue
    // Source maps are for Rollbar, not for the public.
    if (path.endsWith('.map')) continue
    const variants = new Map<Encoding, Variant>([['identity', variant(body, 'identity')]])
    for (const encoding of ['br', 'gzip'] as const) {
      const compressed = bodies.get(path + extensionByEncoding[encoding])
      if (compressed) variants.set(encoding, variant(compressed, encoding))
    }
    files.set(path, {
      type: types[extname(path)] ?? 'application/octet-stream',
      cacheControl: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      variants,
    })
  }
  const read = (file: string, fallback: string) => JSON.parse(bodies.get(`/${file}`)?.toString() ?? fallback)
  const html = String(bodies.get('/index.html'))
  return {
    files,
    connectOrigins: read(connectOriginsFile, '[]'),
    inline: { scripts: hashesIn(html, 'script'), styles: hashesIn(html, 'style') },
    version: read('version.json', '{}').version ?? '',
  }
}

const hashesIn = (html: string, element: 'script' | 'style'): string[] =>
  [...html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(
    ([, code = '']) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`,
  )

const variant = (body: Buffer, encoding: Encoding): Variant => ({
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}-${encoding}"`,
})

export const serveStatic = (site: Site, request: IncomingMessage, response: ServerResponse): void => {
  const refuse = (status: number, message: string) =>
    response
      .writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
      .end(request.method === 'HEAD' ? undefined : `${message}\n`)

  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    refuse(405, 'Only GET and HEAD are allowed.')
    return
  }
  const path = pathOf(request.url ?? '/')
  if (path === null) {
    refuse(400, 'Malformed path.')
    return
  }
  const file = site.files.get(path === '/' ? '/index.html' : path) ?? (isNavigation(request, path) && pageOf(site))
  if (!file) {
    refuse(404, 'Not found.')
    return
  }
  const encoding = bestEncoding(request.headers['accept-encoding'] ?? '', file)
  const { body, etag } = file.variants.get(encoding) as Variant
  response.setHeader('Cache-Control', file.cacheControl)
  response.setHeader('ETag', etag)
  response.setHeader('Vary', 'Accept-Encoding')
  if (isFresh(request.headers['if-none-match'], etag)) {
    response.writeHead(304).end()
    return
  }
  response.setHeader('Content-Type', file.type)
  response.setHeader('Content-Length', body.length)
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding)
  response.writeHead(200).end(request.method === 'HEAD' ? undefined : body)
}

const pageOf = (site: Site): StaticFile | undefined => site.files.get('/index.html')

const pathOf = (url: string): string | null => {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/s, ''))
  } catch {
    return null
  }
}

/** A navigation gets the page, whose router knows the paths; a missing asset is a 404. */
const isNavigation = (request: IncomingMessage, path: string): boolean =>
  !path.startsWith('/assets/') &&
  (request.headers['sec-fetch-mode'] === 'navigate' || /\btext\/html\b/.test(request.headers.accept ?? ''))

const bestEncoding = (accepted: string, file: StaticFile): Encoding => {
  const refused = new Set<string>()
  const named = new Set<string>()
  for (const part of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((word) => word.trim())
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    if (isRefused) refused.add(name)
    else named.add(name)
  }
  const isAccepted = (name: Encoding) => !refused.has(name) && (named.has(name) || named.has('*'))
  return (['br', 'gzip'] as const).find((name) => file.variants.has(name) && isAccepted(name)) ?? 'identity'
}

const isFresh = (known = '', etag: string): boolean =>
  known.split(',').some((candidate) => ['*', etag].includes(candidate.trim().replace(/^W\//, '')))
