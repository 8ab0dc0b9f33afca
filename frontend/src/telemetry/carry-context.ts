import { bindToActive } from './live-context.ts'

/**
 * zone.js does not follow MessagePort, and React's scheduler runs on one. The scheduler prefers `setImmediate` where there is
 * one at the time it is evaluated: ours carries the context from the update to the effects of its render.
 */
export const carryThroughReactScheduler = (): void => {
  if ('setImmediate' in globalThis) return
  const callbacks: (() => void)[] = []
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => callbacks.shift()?.()
  Object.assign(globalThis, {
    setImmediate: (callback: () => void) => {
      callbacks.push(bindToActive(callback))
      port2.postMessage(0)
    },
  })
}

export const carryThroughIdleCallbacks = (): void => {
  const original = globalThis.requestIdleCallback
  if (!original) return
  globalThis.requestIdleCallback = (callback, options) => original.call(globalThis, bindToActive(callback), options)
}

export const carryThroughMessagePorts = (): void => {
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
