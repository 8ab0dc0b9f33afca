import { registerHooks } from 'node:module'

/** Gives the application another module wherever it imports @cruddur/trace-node. */
export const useInsteadOfTracing = (path: string): void => {
  const url = new URL(path, import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) =>
      /^@cruddur\/trace-node(\/express)?$/.test(specifier) ? { url, shortCircuit: true } : next(specifier, context),
  })
}
