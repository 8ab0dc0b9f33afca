import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
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

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { alias: packages.map((name) => ({ find: new RegExp(`^${name}$`), replacement: packageOf(name) })) },
  oxc: { target: 'es2016' },
  optimizeDeps: { rolldownOptions: { transform: { target: 'es2016' } } },
  build: { target: 'es2016', outDir: join(dirname(import.meta.dirname), 'linkage/dist') },
})
