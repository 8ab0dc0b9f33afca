import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin, type ProxyOptions } from 'vite'

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
      environment.VITE_ROLLBAR_ENDPOINT || (environment.VITE_ROLLBAR_ACCESS_TOKEN && 'https://api.rollbar.com')
    const origins = [environment.VITE_BACKEND_URL, rollbar]
      .filter((url) => url)
      .map((url) => new URL(url as string).origin)
    this.emitFile({ type: 'asset', fileName: 'connect-origins.json', source: JSON.stringify(origins) })
  },
})

const isTelemetry = (id: string): boolean =>
  /[\\/]frontend[\\/]src[\\/]telemetry[\\/]|[\\/]node_modules[\\/](@opentelemetry|zone\.js|web-vitals|rollbar|@rollbar)[\\/]/.test(
    id,
  )

const passedOn: ProxyOptions = {
  target: backendUrl.replace('://localhost', '://127.0.0.1'),
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

export default defineConfig(({ command }) => ({
  plugins: [react(), preloadFont, connectOrigins(process.env as Record<string, string>)],
  resolve: {
    dedupe: ['api', 'core', 'instrumentation', 'resources', 'sdk-trace-base'].map((name) => `@opentelemetry/${name}`),
  },
  oxc: command === 'serve' ? { target } : {},
  optimizeDeps: { rolldownOptions: { transform: { target } } },
  build: {
    target,
    // light-dark() stays as it is written.
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    sourcemap: true,
    // Every asset is a file: a data: URL would need a wider content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // The bytes of the application and of its telemetry are counted apart; what both stand on is a third.
          groups: [
            { name: 'contract', test: /[\\/](shared[\\/]src|node_modules[\\/]zod)[\\/]/, priority: 1 },
            { name: 'telemetry', test: isTelemetry, tags: ['$initial'] },
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
    proxy: { '/api/': passedOn, '/relay/': passedOn },
  },
}))
