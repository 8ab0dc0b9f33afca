import { spawnSync } from 'node:child_process'
import { appendFileSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'
import packageJson from './package.json' with { type: 'json' }

const frontendUrl = new URL(process.env.FRONTEND_URL || 'http://localhost:3000')
const backendUrl = process.env.BACKEND_URL || `http://localhost:${process.env.PORT || '4567'}`

/** Zone follows a promise, never a native `await`: everything is lowered, in development too. */
const target = 'es2016'

/** Text is set in its font from the first paint on, or not at all: a late font would move it. */
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

/** Tells the server of `dist/` which other origins this build speaks to, for its content security policy. */
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

/** Vite lists the packages whose code is in the page. The font is in none of them. */
const fontLicense: Plugin = {
  name: 'font-license',
  apply: 'build',
  writeBundle: ({ dir = 'dist' }) => {
    const text = readFileSync(createRequire(import.meta.url).resolve('@fontsource-variable/figtree/LICENSE'), 'utf8')
    appendFileSync(join(dir, 'licenses.txt'), `\n## @fontsource-variable/figtree (OFL-1.1)\n\n${text}`)
  },
}

/** What spans and reports name, and what the source maps are kept under: the commit, or the package's version where there is no git. */
const serviceVersion = (): string => {
  if (process.env.SERVICE_VERSION) return process.env.SERVICE_VERSION
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short=12', 'HEAD'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : packageJson.version
}

/** Tells `npm run rollbar:sourcemaps` which version it finds in `dist/`. */
const versionFile = (version: string): Plugin => ({
  name: 'version-file',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ version }) })
  },
})

/**
 * `@rollbar/react` takes in the whole of rollbar for a constructor that is not called when it is handed an instance, and
 * prop-types, which React no longer reads.
 */
const notNeeded: Record<string, string> = {
  rollbar: 'export default class {}',
  'prop-types': 'export default new Proxy({}, { get: () => () => {} })',
}
const leanRollbarReact: Plugin = {
  name: 'lean-rollbar-react',
  enforce: 'pre',
  apply: 'build',
  resolveId: (source, importer = '') =>
    source in notNeeded && /[\\/]@rollbar[\\/]react[\\/]/.test(importer) ? `\0not-needed:${source}` : null,
  load: (id) => (id.startsWith('\0not-needed:') ? (notNeeded[id.slice('\0not-needed:'.length)] ?? null) : null),
}

const isReports = (id: string): boolean =>
  /[\\/]telemetry[\\/](rollbar|clean-error)\.ts$|[\\/]node_modules[\\/](rollbar|error-stack-parser-es)[\\/]/.test(id)

const isTelemetry = (id: string): boolean =>
  /[\\/]frontend[\\/]src[\\/]telemetry[\\/]|[\\/]node_modules[\\/](@opentelemetry|zone\.js|web-vitals|rollbar)[\\/]/.test(
    id,
  )

const backend = new URL(backendUrl.replace('://localhost', '://127.0.0.1'))
const passedOnPaths = ['/api/', '/relay/', '/rollbar/test']
const restartMs = 5_000
const askedAgainMs = 100

const isListening = (): Promise<boolean> =>
  new Promise((resolve) => {
    const port = Number(backend.port) || (backend.protocol === 'https:' ? 443 : 80)
    const socket = connect({ port, host: backend.hostname.replace(/^\[|\]$/g, ''), timeout: restartMs })
    const settle = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => settle(true))
    for (const failure of ['error', 'timeout']) socket.once(failure, () => settle(false))
  })

/** A backend that has been saved is away for a moment: what the page asks in it waits instead of failing. */
const waitForBackend: Plugin = {
  name: 'wait-for-backend',
  configureServer: ({ middlewares }) => {
    middlewares.use(async ({ url = '' }, response, next) => {
      const isPassedOn = passedOnPaths.some((path) => url.startsWith(path))
      const givenUpAt = performance.now() + restartMs
      while (isPassedOn && !response.destroyed && performance.now() < givenUpAt && !(await isListening()))
        await setTimeout(askedAgainMs)
      if (!response.destroyed) next()
    })
  },
}

const passedOn: ProxyOptions = {
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

export default defineConfig(({ command }) => ({
  plugins: [
    react(),
    preloadFont,
    fontLicense,
    leanRollbarReact,
    waitForBackend,
    versionFile(version),
    connectOrigins(process.env as Record<string, string>),
  ],
  define: { 'import.meta.env.SERVICE_VERSION': JSON.stringify(version) },
  resolve: {
    dedupe: ['api', 'core', 'instrumentation', 'resources', 'sdk-trace-base'].map((name) => `@opentelemetry/${name}`),
  },
  oxc: command === 'serve' ? { target } : {},
  optimizeDeps: { rolldownOptions: { transform: { target } } },
  build: {
    target,
    // light-dark() stays as it is written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // For Rollbar, not for the public: nothing in the page names them, and they are not served.
    sourcemap: 'hidden',
    // Every asset is a file: a data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.txt' },
    rolldownOptions: {
      output: {
        codeSplitting: {
          // The bytes of the application and of its telemetry are counted apart; what both stand on is a third.
          groups: [
            { name: 'contract', test: /[\\/](shared[\\/]src|node_modules[\\/](zod|scheduler))[\\/]/, priority: 1 },
            { name: 'telemetry', test: isTelemetry, tags: ['$initial'] },
            // Not by the vendor's name, which blockers look for.
            { name: 'reports', test: isReports },
            { name: 'telemetry-late', test: isTelemetry },
          ],
        },
      },
    },
  },
  server: {
    host: process.env.HOST || '127.0.0.1',
    port: frontendUrl.port ? Number(frontendUrl.port) : 3000,
    strictPort: true,
    proxy: Object.fromEntries(passedOnPaths.map((path) => [path, passedOn])),
  },
}))
