import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// The tracer is the frontend's, and so must be every package of OpenTelemetry that it meets.
const fromFrontend = createRequire(new URL('../../frontend/package.json', import.meta.url))
const packageOf = (name: string): string => {
  const entry = fromFrontend.resolve(name)
  return entry.slice(0, entry.indexOf(join(name)) + join(name).length)
}
const lowered = ['api', 'core', 'resources', 'sdk-trace-base', 'instrumentation'].map(
  (name) => `@opentelemetry/${name}`,
)

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { alias: lowered.map((name) => ({ find: new RegExp(`^${name}$`), replacement: packageOf(name) })) },
  oxc: { target: 'es2016' },
  optimizeDeps: { rolldownOptions: { transform: { target: 'es2016' } } },
  build: { target: 'es2016', outDir: join(dirname(import.meta.dirname), 'linkage/dist') },
})
