import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultClientConditions, type Plugin } from 'vite'
import { carryContext, framesId, isCommonJs } from './transform.ts'

/** How the page keeps its context: by code that the build compiles, or by zone.js and lowered async functions. */
export type PageContext = 'compiled' | 'zone'

/** The last target without native `await`, which zone.js cannot follow. */
const lowered = 'es2016'

const frames = fileURLToPath(new URL(`../context/current${extname(import.meta.url)}`, import.meta.url))
const isScript = /\.(?:[cm]?[jt]sx?|vue|svelte)(?:$|\?)/

const openTelemetry = ['core', 'instrumentation', 'resources', 'sdk-trace-base'].map((name) => `@opentelemetry/${name}`)

/** npm may install OpenTelemetry's packages several times. The page needs them once, but its root may have the other versions that its server needs. */
const dedupeFrom = (root: string): string[] =>
  openTelemetry.filter((name) => versionFrom(root, name) === versionFrom(import.meta.dirname, name))

const versionFrom = (folder: string, name: string): string | undefined => {
  const paths = createRequire(join(folder, 'index.js')).resolve.paths(name) ?? []
  const manifest = paths.map((path) => join(path, name, 'package.json')).find((path) => existsSync(path))
  return manifest && JSON.parse(readFileSync(manifest, 'utf8')).version
}

/** The API at the root may be the server's newer one, which does not share its globals with this package's version. */
const oneApi: Plugin = {
  name: 'trace-web:one-api',
  enforce: 'pre',
  applyToEnvironment: ({ config }) => config.consumer === 'client',
  resolveId: {
    filter: { id: /^@opentelemetry\/api$/ },
    handler(id, _importer, options) {
      return this.resolve(id, fileURLToPath(import.meta.url), { ...options, skipSelf: true })
    },
  },
}

const zone: Plugin = {
  name: 'trace-web:zone',
  config: ({ root = '.' }, { command }) => ({
    resolve: { dedupe: dedupeFrom(resolve(root)) },
    oxc: command === 'serve' ? { target: lowered } : {},
    optimizeDeps: { rolldownOptions: { plugins: [oneApi], transform: { target: lowered } } },
    build: { target: lowered },
  }),
}

/** Last of all, so it sees JavaScript: the application's, that of React's refresh, and that of bundled dependencies. */
const compiled: Plugin = {
  name: 'trace-web:compiled',
  enforce: 'post',
  config: ({ root = '.' }) => ({
    resolve: { dedupe: dedupeFrom(resolve(root)), conditions: ['trace-web-compiled', ...defaultClientConditions] },
    optimizeDeps: { rolldownOptions: { plugins: [oneApi] } },
  }),
  applyToEnvironment: ({ config }) => config.consumer === 'client',
  resolveId: (id) => (id === framesId ? frames : null),
  transform: {
    filter: { id: isScript, code: /\basync\b/ },
    handler: (code, id) => carryContext(code, isCommonJs(id) ? { file: id } : {}),
  },
}

export const traceWeb = ({ context = 'compiled' }: { context?: PageContext } = {}): Plugin[] => [
  oneApi,
  context === 'zone' ? zone : compiled,
]
