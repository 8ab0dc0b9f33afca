const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[a-z_]+/g, '[^/]+')}$`)

const isIdentifier = (segment: string): boolean => /\d/.test(segment) || segment.length > 24

const literalPrefix = (template: string): number => `${template}:`.indexOf(':')

type Route = { method: string; path: string }
export type Template = { path: string; isOfContract: boolean }

/** The contract's path for a real one, as the server's router finds it; a path outside of it loses its identifiers. */
export const createTemplates = (contract: readonly Route[]): ((method: string, path: string) => Template) => {
  const routes = contract
    .map(({ method, path }) => ({ method, path, matches: pattern(path) }))
    .sort((a, b) => literalPrefix(b.path) - literalPrefix(a.path))
  return (method, path) => {
    const route = routes.find((route) => route.method === method && route.matches.test(path))
    if (route) return { path: route.path, isOfContract: true }
    const segments = path.split('/').map((segment) => (isIdentifier(segment) ? ':id' : segment))
    return { path: segments.join('/'), isOfContract: false }
  }
}

/** Query strings and fragments carry what people typed. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')
export const scrub = (text: string): string => text.replace(/(https?:\/\/[^\s"'<>?#)]+)[?#][^\s"'<>)]*/g, '$1')
