import { type Context, type ContextManager, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { install, uninstall } from './callbacks.ts'
import { bindTo, compareFlows, contextOfRejection, current, runIn } from './current.ts'
import { plainListen } from './outside.ts'

const traceOf = (context: unknown): string | undefined => trace.getSpanContext(context as Context)?.traceId

/**
 * Keeps the context through callbacks, and through each `await` that the build has compiled. Code that was not
 * compiled runs in the root context after its first `await`, never in that of other code.
 */
export class PageContextManager implements ContextManager {
  active(): Context {
    return (current() as Context | undefined) ?? ROOT_CONTEXT
  }

  with<Args extends unknown[], Fn extends (...args: Args) => ReturnType<Fn>>(
    context: Context,
    fn: Fn,
    thisArg?: ThisParameterType<Fn>,
    ...args: Args
  ): ReturnType<Fn> {
    return runIn(withoutRoot(context), () => fn.apply(thisArg as ThisParameterType<Fn>, args))
  }

  bind<Target>(context: Context, target: Target): Target {
    return typeof target === 'function'
      ? (bindTo(withoutRoot(context), target as unknown as (...args: unknown[]) => unknown) as Target)
      : target
  }

  enable(): this {
    compareFlows((one, other) => traceOf(one) !== undefined && traceOf(one) === traceOf(other))
    install()
    return this
  }

  disable(): this {
    uninstall()
    return this
  }
}

const withoutRoot = (context: Context): Context | undefined => (context === ROOT_CONTEXT ? undefined : context)

/** Calls the listener in the context in which the promise was rejected, or without one if that is not known. */
export const listenForRejections = (listener: (reason: unknown) => void): void =>
  plainListen('unhandledrejection', ({ promise, reason }) =>
    runIn(contextOfRejection(promise, reason), () => listener(reason)),
  )
