import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { leanRollbarReact } from '@cruddur/trace-web/lean-rollbar-react'
import { traceWeb } from '@cruddur/trace-web/vite'
import react from '@vitejs/plugin-react'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'
import packageJson from './package.json' with { type: 'json' }

const frontendUrl = new URL(process.env.FRONTEND_URL || 'http://localhost:3000')
const backendUrl = process.env.BACKEND_URL || `http://localhost:${process.env.PORT || '4567'}`

/** How the page keeps the context of a click: `zone` or `compiled`. */
const pageContext = process.env.PAGE_CONTEXT || 'zone'
if (pageContext !== 'zone' && pageContext !== 'compiled')
  throw new Error(`PAGE_CONTEXT is ${pageContext}, not zone or compiled.`)

/** Preloaded, so that a late font does not move the text. */
const preloadFont: Plugin = {
  name: 'preload-font',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => /figtree-latin-wght.*\.woff2$/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${file}`, crossorigin: true },
          injectTo: 'head-prepend' as const,
        })),
  },
}

const drawShell: Plugin = {
  name: 'draw-shell',
  transformIndexHtml: {
    order: 'pre',
    handler: async (html) => {
      const { Shell } = await import('./src/app/shell.tsx')
      return html.replace('<!-- shell -->', () => renderToStaticMarkup(createElement(Shell)))
    },
  },
}

/**
 * The first paint waits for the document only: the styles are in it, and the scripts come after the font. Each chunk is
 * a script of its own, so it runs as soon as it is there and in a task of its own: the first requests do not wait for
 * the application.
 */
const startEarly: Plugin = {
  name: 'start-early',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (html, { bundle = {} }) => {
      const [main = ''] = /<script type="module".*?<\/script>/.exec(html) ?? []
      const scripts = [...html.matchAll(/<link rel="modulepreload"(.*?) href=(".*?")>/g)]
        .map(([, attributes, address]) => `<script type="module"${attributes} src=${address}></script>`)
        .concat(main)
        .map((script) => script.replace('<script', '<script fetchpriority="low"'))
      return html
        .replace(/\s*<link rel="modulepreload".*?>/g, '')
        .replace(main, () => scripts.join('\n    '))
        .replace(/<link rel="stylesheet".*? href="\/(.*?)">/g, (_, file: string) => {
          const styles = bundle[file]
          if (styles?.type !== 'asset') throw new Error(`${file} is not a stylesheet.`)
          delete bundle[file]
          return `<style>${styles.source}</style>`
        })
    },
  },
}

/** For the content security policy of the page's server: the other origins that this build connects to. */
const connectOrigins = (environment: Record<string, string>): Plugin => ({
  name: 'connect-origins',
  apply: 'build',
  generateBundle() {
    const rollbar =
      environment.VITE_ROLLBAR_ACCESS_TOKEN && (environment.VITE_ROLLBAR_ENDPOINT || 'https://api.rollbar.com')
    const origins = [environment.VITE_BACKEND_URL, rollbar]
      .filter((url) => url)
      .map((url) => new URL(url as string).origin)
    this.emitFile({ type: 'asset', fileName: 'connect-origins.json', source: JSON.stringify(origins) })
  },
})

/** Vite's list of licenses covers packages with code in the page, but not the font. */
const fontLicense: Plugin = {
  name: 'font-license',
  apply: 'build',
  writeBundle: ({ dir = 'dist' }) => {
    const text = readFileSync(createRequire(import.meta.url).resolve('@fontsource-variable/figtree/LICENSE'), 'utf8')
    appendFileSync(join(dir, 'licenses.txt'), `\n## @fontsource-variable/figtree (OFL-1.1)\n\n${text}`)
  },
}

/** The version on spans, error reports and source maps: the commit, or the package's version where there is no git. */
const serviceVersion = (): string => {
  if (process.env.SERVICE_VERSION) return process.env.SERVICE_VERSION
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : packageJson.version
}

/** For `npm run rollbar:sourcemaps`: the version of this build. */
const versionFile = (version: string): Plugin => ({
  name: 'version-file',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ version }) })
  },
})

const isForFirstRequests = (id: string): boolean =>
  /[\\/]frontend[\\/]src[\\/](app[\\/]first-requests|api[\\/](call|api-error|server-clock)|telemetry[\\/]index)\.ts$/.test(
    id,
  )

const isReports = (id: string): boolean =>
  /[\\/]trace-web[\\/]src[\\/](rollbar-sender|clean-error)\.ts$|[\\/]node_modules[\\/](rollbar|error-stack-parser-es)[\\/]/.test(
    id,
  )

/** Patching the browser takes as long as the rest of the telemetry, so it is a task of its own. */
const isZone = (id: string): boolean =>
  pageContext === 'zone' &&
  /[\\/]trace-web[\\/]src[\\/]context[\\/](outside|before-zone)\.ts$|[\\/]node_modules[\\/]zone\.js[\\/]/.test(id)

const isTelemetry = (id: string): boolean =>
  /[\\/]frontend[\\/]src[\\/]telemetry[\\/](?!index)|[\\/]trace-web[\\/]src[\\/](?!react-components|rollbar-react)|[\\/]node_modules[\\/](@opentelemetry|zone\.js|web-vitals|rollbar)[\\/]/.test(
    id,
  )

const backend = new URL(backendUrl.replace('://localhost', '://127.0.0.1'))
const backendPaths = ['/api/', '/relay/', '/rollbar/test']
const restartTimeoutMs = 5_000
const pollMs = 100

const isListening = async (): Promise<boolean> => {
  const port = Number(backend.port) || (backend.protocol === 'https:' ? 443 : 80)
  const socket = connect(port, backend.hostname.replace(/^\[|\]$/g, ''))
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(restartTimeoutMs) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** In development a saved file restarts the backend: requests wait for it instead of failing. */
const waitForBackend: Plugin = {
  name: 'wait-for-backend',
  configureServer: ({ middlewares }) => {
    middlewares.use(async ({ url = '' }, response, next) => {
      const isForBackend = backendPaths.some((path) => url.startsWith(path))
      const deadline = performance.now() + restartTimeoutMs
      while (isForBackend && !response.destroyed && performance.now() < deadline && !(await isListening()))
        await setTimeout(pollMs)
      if (!response.destroyed) next()
    })
  },
}

const toBackend: ProxyOptions = {
  target: backend.origin,
  headers: { 'x-forwarded-proto': frontendUrl.protocol.slice(0, -1) },
  configure: (proxy) => {
    proxy.on('proxyReq', (outgoing, incoming) => {
      outgoing.setHeader('x-forwarded-for', incoming.socket.remoteAddress ?? '')
      outgoing.setHeader('x-forwarded-host', incoming.headers.host ?? '')
      outgoing.removeHeader('forwarded')
      outgoing.removeHeader('x-real-ip')
    })
  },
}

const version = serviceVersion()

export default defineConfig({
  plugins: [
    react(),
    traceWeb({ context: pageContext }),
    drawShell,
    startEarly,
    preloadFont,
    fontLicense,
    leanRollbarReact(),
    waitForBackend,
    versionFile(version),
    connectOrigins(process.env as Record<string, string>),
  ],
  define: { 'import.meta.env.SERVICE_VERSION': JSON.stringify(version) },
  build: {
    // These browsers know light-dark(), so the build does not rewrite it.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // For Rollbar only: the page does not link to the source maps, and the server does not serve them.
    sourcemap: 'hidden',
    // Every asset is a file: a data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Separate chunks for the application, its telemetry and the code that both import, so that each is measured.
          groups: [
            {
              name: 'contract',
              test: /[\\/](shared[\\/]src|node_modules[\\/](zod|scheduler))[\\/]|[\\/]trace-web[\\/]src[\\/]context[\\/]current\.ts$/,
              priority: 1,
            },
            { name: 'zone', test: isZone, tags: ['$initial'] },
            { name: 'telemetry', test: isTelemetry, tags: ['$initial'] },
            {
              name: 'first-requests',
              test: isForFirstRequests,
              tags: ['$initial'],
              includeDependenciesRecursively: false,
            },
            {
              name: 'libraries',
              test: /[\\/](node_modules[\\/]|frontend[\\/]src[\\/]app[\\/]libraries\.ts)/,
              tags: ['$initial'],
            },
            // Not named after the vendor, because ad blockers look for that.
            { name: 'reports', test: isReports },
            { name: 'telemetry-late', test: isTelemetry },
            // One file, although several files that are loaded later import parts of it.
            { name: 'application', tags: ['$initial'] },
          ],
        },
      },
    },
  },
  server: {
    host: process.env.HOST || '127.0.0.1',
    port: frontendUrl.port ? Number(frontendUrl.port) : 3000,
    strictPort: true,
    proxy: Object.fromEntries(backendPaths.map((path) => [path, toBackend])),
  },
})
