import type { Plugin, PluginOption } from 'vite'
import frontend from '../frontend/vite.config.ts'

const door = `
export const withInteraction = (name, fn) => fn()
export const inBackground = (name, fn) => fn()
export const inTrace = (name, fn) => fn()
export const currentCause = () => null
export const isTraceKept = () => false
export const outsideOfInteractions = (begin) => begin()
export const setUser = () => {}
export const setRoute = () => {}
export const useRoute = () => {}
export const onAction = () => () => {}
export const currentTraceId = () => null
export const pageSignals = () => []
export const onFault = () => () => {}
export const referenceOf = () => null
export const traceImport = (_, load) => load()
export const RollbarProvider = ({ children }) => children
export const ErrorBoundary = ({ children }) => children
`

/** The same page with an empty telemetry room and Vite's own target, which a page without tracing would have. */
const emptyRoom: Plugin = {
  name: 'empty-telemetry-room',
  enforce: 'pre',
  load(id) {
    if (id.endsWith('/frontend/src/telemetry/start.ts')) return ''
    if (id.endsWith('/frontend/src/telemetry/index.ts')) return door
    return null
  },
}

const isTracing = (plugin: PluginOption): boolean =>
  typeof plugin === 'object' && plugin !== null && 'name' in plugin && plugin.name.startsWith('trace-web:')

export default {
  ...frontend,
  plugins: [...(frontend.plugins ?? []).flat().filter((plugin) => !isTracing(plugin as PluginOption)), emptyRoom],
}
