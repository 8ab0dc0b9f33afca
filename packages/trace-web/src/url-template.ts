const pattern = (template: string): RegExp =>
  new RegExp(`^${template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[a-z_]+/g, '[^/]+')}$`)

const version = /^v\d+(\.\d+)*$/
const looksLikeId = (segment: string): boolean => (/\d/.test(segment) && !version.test(segment)) || segment.length > 24

const literalPrefix = (template: string): number => `${template}:`.indexOf(':')

export type Route = { method: string; path: string }
export type Template = { path: string; isApi: boolean }

/** Finds the API's route for a path, as the server's router does. In any other path, ids become `:id`. */
export const createTemplates = (apiRoutes: readonly Route[]): ((method: string, path: string) => Template) => {
  const routes = apiRoutes
    .map(({ method, path }) => ({ method, path, matches: pattern(path) }))
    .sort((a, b) => literalPrefix(b.path) - literalPrefix(a.path))
  return (method, path) => {
    const route = routes.find((route) => route.method === method && route.matches.test(path))
    if (route) return { path: route.path, isApi: true }
    const segments = path.split('/').map((segment) => (looksLikeId(segment) ? ':id' : segment))
    return { path: segments.join('/'), isApi: false }
  }
}

/** Query strings and fragments may contain text that users typed. */
export const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')
export const scrub = (text: string): string => text.replace(/(https?:\/\/[^\s"'<>?#)]+)[?#][^\s"'<>)]*/g, '$1')
