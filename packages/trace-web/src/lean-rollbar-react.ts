/**
 * `@rollbar/react` imports all of rollbar for a constructor that it does not call if it gets an instance, as it does
 * from `RollbarProvider`. It also imports prop-types, which React no longer reads.
 */
const replacements: Record<string, string> = {
  rollbar: 'export default class {}',
  'prop-types': 'export default new Proxy({}, { get: () => () => {} })',
}

/** A Vite plugin that leaves both out of the page that is built. */
export const leanRollbarReact = () => ({
  name: 'trace-web:lean-rollbar-react',
  enforce: 'pre' as const,
  apply: 'build' as const,
  resolveId: (source: string, importer = ''): string | null =>
    source in replacements && /[\\/]@rollbar[\\/]react[\\/]/.test(importer) ? `\0lean:${source}` : null,
  load: (id: string): string | null =>
    id.startsWith('\0lean:') ? (replacements[id.slice('\0lean:'.length)] ?? null) : null,
})
