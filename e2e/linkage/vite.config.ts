import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { traceWeb } from '@cruddur/trace-web/vite'
import react from '@vitejs/plugin-react'
import { defaultClientConditions, defineConfig, type Plugin } from 'vite'
import { isSdk3, pageContext, pageVariant } from './variant.ts'

const api = '@opentelemetry/api'

/** The package has version 2 of OpenTelemetry. This room has version 3, as the backend does. */
const openTelemetry = (api3: string | { id: string; external: true }): Plugin => {
  const importer = fileURLToPath(
    isSdk3() ? import.meta.url : new URL('../../packages/trace-web/package.json', import.meta.url),
  )
  return {
    name: 'linkage:open-telemetry',
    enforce: 'pre',
    resolveId: {
      filter: { id: /^@opentelemetry\// },
      handler(id, _importer, options) {
        // `traceWeb` would give the API of the package, which is one of version 2.
        if (isSdk3() && id === api) return api3
        const name = isSdk3() && id === '@opentelemetry/instrumentation-fetch' ? 'instrumentation-fetch-3' : id
        return this.resolve(name, importer, { ...options, skipSelf: true })
      },
    },
  }
}

export default defineConfig(() => ({
  root: import.meta.dirname,
  plugins: [openTelemetry(fileURLToPath(import.meta.resolve(api))), react(), traceWeb({ context: pageContext() })],
  resolve: { conditions: [...(isSdk3() ? ['otel-sdk-3'] : []), ...defaultClientConditions] },
  optimizeDeps: {
    // Otherwise Vite also looks into the built pages, while another test builds them.
    entries: ['index.html'],
    rolldownOptions: { plugins: [openTelemetry({ id: api, external: true })] },
  },
  cacheDir: `node_modules/.vite/linkage-${pageVariant()}`,
  build: { outDir: join(import.meta.dirname, 'dist', pageVariant()) },
}))
