import './before-zone.ts'
import { type ContextManager, context, ROOT_CONTEXT } from '@opentelemetry/api'
import { ZoneContextManager } from '@opentelemetry/context-zone'

class CarryingZoneContextManager extends ZoneContextManager {
  override enable(): this {
    super.enable()
    carryThroughIdleCallbacks()
    carryThroughMessagePorts()
    return this
  }
}

/**
 * Keeps the context with zone.js, which needs async functions lowered to es2016. Its type does not name the class of an
 * optional package, because the types of a compiled page lead here too.
 */
export const PageContextManager: new () => ContextManager = CarryingZoneContextManager

const bindToActive = <Fn extends (...args: never[]) => unknown>(fn: Fn): Fn => {
  const active = context.active()
  return active === ROOT_CONTEXT ? fn : context.bind(active, fn)
}

const carryThroughIdleCallbacks = (): void => {
  const original = globalThis.requestIdleCallback
  if (!original) return
  globalThis.requestIdleCallback = (callback, options) => original.call(globalThis, bindToActive(callback), options)
}

const carryThroughMessagePorts = (): void => {
  const original = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')
  if (!original?.set || !original.get) return
  const { get, set } = original
  const assigned = new WeakMap<MessagePort, unknown>()
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    ...original,
    get(this: MessagePort) {
      return assigned.get(this) ?? get.call(this)
    },
    set(this: MessagePort, listener: unknown) {
      set.call(this, typeof listener === 'function' ? bindToActive(listener as () => void) : listener)
      assigned.set(this, listener)
    },
  })
}

type ZoneLike = { run(fn: () => unknown): unknown }
declare const Zone: { [handler: string]: unknown }

const rejectionHandler = '__zone_symbol__unhandledPromiseRejectionHandler'

/** Calls the listener in the context in which the promise was rejected. */
export const listenForRejections = (listener: (reason: unknown) => void): void => {
  let rejectedIn: ZoneLike | undefined
  const handler = Zone[rejectionHandler]
  if (typeof handler === 'function')
    Zone[rejectionHandler] = function (this: unknown, rejection: { zone?: ZoneLike }) {
      rejectedIn = rejection.zone
      return handler.call(this, rejection)
    }
  addEventListener('unhandledrejection', ({ reason }) => {
    const zone = rejectedIn
    rejectedIn = undefined
    if (zone) zone.run(() => listener(reason))
    else listener(reason)
  })
}
