/**
 * `@rollbar/react` imports all of rollbar for a constructor that it does not call if it gets an instance, as it does
 * from `RollbarProvider`. It also imports prop-types, which React no longer reads, and Babel's classes for browsers that
 * have none.
 */
const replacements: Record<string, string> = {
  rollbar: 'export default class {}',
  'prop-types': 'export default new Proxy({}, { get: () => () => {} })',
  './_virtual/_rollupPluginBabelHelpers.js': `
    export const classCallCheck = () => {}
    export const assertThisInitialized = (self) => self
    export const callSuper = (self, Class, args) => Reflect.construct(Object.getPrototypeOf(Class), args, self.constructor)
    export const inherits = (Class, Base) => {
      Class.prototype = Object.create(Base.prototype, { constructor: { value: Class } })
      Object.setPrototypeOf(Class, Base)
    }
    export const createClass = (Class, methods, statics = []) => {
      for (const { key, value } of methods) Class.prototype[key] = value
      for (const { key, value } of statics) Class[key] = value
    }
    export const defineProperty = (target, key, value) => Object.assign(target, { [key]: value })
    export const objectSpread2 = Object.assign
    const typeOf = (value) => typeof value
    export { typeOf as typeof }`,
}

/** A Vite plugin that replaces them in the page that is built. */
export const leanRollbarReact = () => ({
  name: 'trace-web:lean-rollbar-react',
  enforce: 'pre' as const,
  apply: 'build' as const,
  resolveId: (source: string, importer = ''): string | null =>
    source in replacements && /[\\/]@rollbar[\\/]react[\\/]/.test(importer) ? `\0lean:${source}` : null,
  load: (id: string): string | null =>
    id.startsWith('\0lean:') ? (replacements[id.slice('\0lean:'.length)] ?? null) : null,
})
