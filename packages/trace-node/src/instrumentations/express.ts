import type { IncomingMessage, ServerResponse } from 'node:http'
import { context } from '@opentelemetry/api'
import { getRPCMetadata } from '@opentelemetry/core'
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express'

type Next = (reason?: unknown) => void
type Handle = (this: unknown, req: IncomingMessage, res: ServerResponse, next: Next) => unknown
/** `route` is undefined in a layer that `use` adds. */
type Layer = { handle: Handle; readonly route?: unknown }
type Patches = { _applyPatch(layer: Layer, path?: string): void }
const Stock = ExpressInstrumentation as unknown as new () => Pick<
  ExpressInstrumentation,
  keyof ExpressInstrumentation
> &
  Patches

const patched = new WeakSet<Layer>()
/** The paths of the routers and applications that the request is in. */
const prefixes = new WeakMap<IncomingMessage, string>()

/**
 * Gives the span of a request its route. The stock instrumentation makes a span for each layer, too. Without those spans it
 * forgets the path of a mounted application, and repeats the path of a router that had no answer.
 */
export class RouteInstrumentation extends Stock {
  override _applyPatch(layer: Layer, path = '/'): void {
    const { handle } = layer
    const isRoute = layer.route !== undefined
    // Express recognizes a handler of errors by its four parameters.
    if (patched.has(layer) || handle.length > 3 || (path === '/' && !isRoute)) return
    patched.add(layer)
    const own: Handle = function (req, res, next) {
      const prefix = prefixes.get(req) ?? ''
      const metadata: { route?: string | undefined } | undefined = getRPCMetadata(context.active())
      const outer = metadata?.route
      const route = joined(prefix, path)
      if (metadata) metadata.route = route
      if (!isRoute) prefixes.set(req, route)
      /** An error keeps the route that failed. */
      const leave: Next = (reason) => {
        prefixes.set(req, prefix)
        if (metadata && (!reason || reason === 'route' || reason === 'router')) metadata.route = outer
      }
      const fail = (error: unknown): never => {
        leave(error)
        throw error
      }
      try {
        const result = handle.call(this, req, res, (reason) => {
          leave(reason)
          next(reason)
        })
        return result instanceof Promise ? result.catch(fail) : result
      } catch (error) {
        return fail(error)
      }
    }
    layer.handle = Object.setPrototypeOf(own, handle)
  }
}

const joined = (prefix: string, path: string): string =>
  (prefix && path === '/' ? prefix : prefix + path).replace(/\/{2,}/g, '/')
