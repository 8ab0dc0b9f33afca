import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Browsers request this path without being told. */
const otherNames: Record<string, string> = { '/favicon.ico': '/favicon.svg' }

const unbuilt = `<!doctype html><html lang="en"><title>Observatory</title>
<p>The observatory receives traces, but its page has not been built yet: <code>npm run build -w observatory</code>, then load this again.</p></html>`

/** Serves only the files of the folder: the path of a request never becomes a path on the disk. */
export const servePage = (folder: string) => {
  let files: Map<string, Buffer> | null = null

  const load = async (): Promise<Map<string, Buffer>> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const found = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    return new Map(
      await Promise.all(
        found.map(async (path) => [`/${relative(folder, path).split(sep).join('/')}`, await readFile(path)] as const),
      ),
    )
  }

  const isPagePath = (path: string) => path === '/' || /^\/traces\/[^/]+$/.test(path)

  /** For an unknown path a browser gets the page, which says so. */
  return async (path: string, accept: string, response: ServerResponse): Promise<boolean> => {
    const isPage = isPagePath(path)
    if (isPage || !files) files = await load()
    const asked = isPage ? '/index.html' : files.has(path) ? path : otherNames[path]
    const isUnknown = !asked && accept.includes('text/html') && !path.startsWith('/api/')
    const file = isUnknown ? '/index.html' : asked
    if (!file) return false
    const content = files.get(file)
    if (!content && !isPage && !isUnknown) return false
    response
      .writeHead(isUnknown ? 404 : 200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'cache-control': file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
      .end(content ?? unbuilt)
    return true
  }
}
