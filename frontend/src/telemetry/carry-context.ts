import { context, ROOT_CONTEXT } from '@opentelemetry/api'
import scheduler, { type FrameCallbackType } from 'scheduler'
import { bindToActive } from './live-context.ts'

const { unstable_scheduleCallback: schedule } = scheduler

/**
 * zone.js does not follow MessagePort, and React's scheduler runs on one: in one loop, which goes on with whatever was asked for
 * meanwhile. So every task keeps the context that it was asked for in, through all the pieces it is done in, instead of the loop.
 */
export const carryThroughReactScheduler = (): void => {
  Object.assign(scheduler, {
    unstable_scheduleCallback: ((priority, task, options) =>
      schedule(priority, keepContext(task), options)) satisfies typeof schedule,
  })
}

const keepContext = (task: FrameCallbackType, active = context.active()): FrameCallbackType => {
  if (active === ROOT_CONTEXT) return task
  return (didTimeout) => {
    const rest = context.with(active, () => task(didTimeout))
    return rest && keepContext(rest, active)
  }
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
