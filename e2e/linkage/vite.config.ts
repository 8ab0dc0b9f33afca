import { createRequire } from 'node:module'
import { join } from 'node:path'
import { traceWeb } from '@cruddur/trace-web/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig } from 'vite'

// OTEL_SDK=3 builds the page with the packages that replace version 2 of the SDK.
const isSdk3 = process.env.OTEL_SDK === '3'
// The tracer is the frontend's, so its OpenTelemetry packages must be the frontend's too. Version 3 is the backend's.
const fromRoom = createRequire(new URL(`../../${isSdk3 ? 'e2e' : 'frontend'}/package.json`, import.meta.url))
const packageOf = (name: string): string => {
  const entry = fromRoom.resolve(name)
  return entry.slice(0, entry.indexOf(join(name)) + join(name).length)
}
const ofSdk = isSdk3 ? ['sdk-trace', 'otlp-transformer'] : ['sdk-trace-base']
const aliases = ['api', 'core', 'resources', 'instrumentation', ...ofSdk].map((name) => ({
  find: new RegExp(`^@opentelemetry/${name}$`),
  replacement: packageOf(`@opentelemetry/${name}`),
}))
if (isSdk3)
  aliases.push({ find: /^@opentelemetry\/instrumentation-fetch$/, replacement: packageOf('instrumentation-fetch-3') })

export default defineConfig(() => {
  const context = process.env.PAGE_CONTEXT === 'compiled' ? 'compiled' : 'zone'
  const name = isSdk3 ? `${context}-3` : context
  return {
    root: import.meta.dirname,
    plugins: [react(), traceWeb({ context })],
    resolve: {
      alias: aliases,
      ...(isSdk3 && { conditions: ['otel-sdk-3', ...defaultClientConditions] }),
    },
    cacheDir: `node_modules/.vite/linkage-${name}`,
    build: { outDir: join(import.meta.dirname, 'dist', context) },
  }
})
