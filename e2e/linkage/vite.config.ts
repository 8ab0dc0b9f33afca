import { createRequire } from 'node:module'
import { join } from 'node:path'
import { traceWeb } from '@cruddur/trace-web/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The tracer is the frontend's, so its OpenTelemetry packages must be the frontend's too.
const fromFrontend = createRequire(new URL('../../frontend/package.json', import.meta.url))
const packageOf = (name: string): string => {
  const entry = fromFrontend.resolve(name)
  return entry.slice(0, entry.indexOf(join(name)) + join(name).length)
}
const packages = ['api', 'core', 'resources', 'sdk-trace-base', 'instrumentation'].map(
  (name) => `@opentelemetry/${name}`,
)

export default defineConfig(() => {
  const context = process.env.PAGE_CONTEXT === 'compiled' ? 'compiled' : 'zone'
  return {
    root: import.meta.dirname,
    plugins: [react(), traceWeb({ context })],
    resolve: { alias: packages.map((name) => ({ find: new RegExp(`^${name}$`), replacement: packageOf(name) })) },
    cacheDir: `node_modules/.vite/linkage-${context}`,
    build: { outDir: join(import.meta.dirname, 'dist', context) },
  }
})
