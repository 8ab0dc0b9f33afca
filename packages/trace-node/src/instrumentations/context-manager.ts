import type { EventEmitter } from 'node:events'
import { IncomingMessage, OutgoingMessage } from 'node:http'
import { type Context, context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'

type Listener = (this: unknown, ...args: unknown[]) => unknown
type Bound = Listener & { listener?: Listener }
type Bindable = EventEmitter & { [contextKey]?: Context }
type Add = 'on' | 'addListener' | 'prependListener'

const contextKey = Symbol.for('@cruddur/trace-node context')
const patched = new WeakSet<object>()

/**
 * Listeners of a request or an answer run in its context. The SDK puts eight new methods on each of these objects, which
 * takes more time than a span; here their prototypes have the methods once.
 */
export class RequestContextManager extends AsyncLocalStorageContextManager {
  override bind<Target>(of: Context, target: Target): Target {
    if (!(target instanceof IncomingMessage || target instanceof OutgoingMessage)) return super.bind(of, target)
    const bindable = target as Bindable
    bindable[contextKey] ??= of
    return target
  }

  override enable(): this {
    for (const { prototype } of [IncomingMessage, OutgoingMessage]) if (!patched.has(prototype)) patch(prototype)
    return super.enable()
  }
}

const patch = (prototype: EventEmitter): void => {
  patched.add(prototype)
  const methods: Partial<Record<Add, Listener>> = {}
  for (const name of ['on', 'addListener', 'prependListener'] as const) {
    const original = prototype[name] as Listener
    methods[name] = function (this: Bindable, event: string, listener: unknown) {
      const of = this[contextKey]
      return original.call(this, event, of && isPlain(listener) ? boundTo(of, listener) : listener)
    } as Listener
  }
  for (const [name, add] of [
    ['once', prototype.on],
    ['prependOnceListener', prototype.prependListener],
  ] as const) {
    const original = prototype[name] as Listener
    Object.assign(methods, {
      [name](this: Bindable, event: string, listener: unknown) {
        const of = this[contextKey]
        if (!of || !isPlain(listener)) return original.call(this, event, listener)
        const bound: Bound = (...args) => {
          this.removeListener(event, bound)
          return context.with(of, listener, this, ...args)
        }
        bound.listener = listener
        return (add as Listener).call(this, event, bound)
      },
    })
  }
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false })
  }
}

/** Node's own `once` adds a listener that has this property already, and finds it again by it. */
const isPlain = (listener: unknown): listener is Listener =>
  typeof listener === 'function' && (listener as Bound).listener === undefined

const boundTo = (of: Context, listener: Listener): Bound => {
  const bound: Bound = function (...args) {
    return context.with(of, listener, this, ...args)
  }
  // `removeListener` and `listeners` look here for the original.
  bound.listener = listener
  return bound
}
