import { readdir, readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

const unbuilt = `<!doctype html><html lang="en"><title>Observatory</title>
<p>The observatory takes traces, but its page has not been built yet: <code>npm run build -w observatory</code>, then load this again.</p></html>`

/** Only what lies in the folder can be asked for, because the request's path never becomes a path on the disk. */
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

  const isPage = (path: string) => path === '/' || /^\/traces\/[^/]+$/.test(path)

  return async (path: string, response: ServerResponse): Promise<boolean> => {
    if (isPage(path) || !files) files = await load()
    const file = isPage(path) ? '/index.html' : path
    const content = files.get(file)
    if (!content && !isPage(path)) return false
    response
      .writeHead(200, {
        'content-type': types[extname(file)] ?? 'application/octet-stream',
        'cache-control': file.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      })
      .end(content ?? unbuilt)
    return true
  }
}
