import { registerHooks } from 'node:module'
import { GlobalRegistrator } from '@happy-dom/global-registrator'

export const origin = 'http://shop.test'

// A test imports this first, so that everything else finds a page.
const { fetch, performance, setTimeout, clearTimeout, queueMicrotask, Response, AbortSignal, AbortController } =
  globalThis
GlobalRegistrator.register({ url: `${origin}/` })
Object.assign(globalThis, {
  ...{ fetch, clearTimeout, queueMicrotask, Response, AbortSignal, AbortController },
  setTimeout,
})
Object.defineProperty(globalThis, 'performance', { value: performance })
// happy-dom's elements do not inherit from its global EventTarget.
globalThis.EventTarget = Object.getPrototypeOf(Node.prototype).constructor

// A page has one API of OpenTelemetry, that of this package: in a build, the plugin for Vite sees to it.
const url = import.meta.resolve('@opentelemetry/api')
registerHooks({
  resolve: (id, context, next) => (id === '@opentelemetry/api' ? { url, shortCircuit: true } : next(id, context)),
})
