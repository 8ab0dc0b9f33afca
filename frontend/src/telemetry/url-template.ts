const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[a-z_]+/g, '[^/]+')}$`)

const parameters = (template: string): number => template.split(':').length

const isIdentifier = (segment: string): boolean => /\d/.test(segment) || segment.length > 24

/** The contract's path for a real one; a path outside the contract loses its identifiers. */
export const createTemplates = (paths: readonly string[]): ((path: string) => string) => {
  const known = [...new Set(paths)]
    .sort((a, b) => parameters(a) - parameters(b))
    .map((template) => ({ template, matches: pattern(template) }))
  return (path) =>
    known.find(({ matches }) => matches.test(path))?.template ??
    path
      .split('/')
      .map((segment) => (isIdentifier(segment) ? ':id' : segment))
      .join('/')
}

/** Query strings and fragments carry what people typed. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')
export const scrub = (text: string): string => text.replace(/(https?:\/\/[^\s"'<>?#)]+)[?#][^\s"'<>)]*/g, '$1')
