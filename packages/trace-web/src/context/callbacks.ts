import { bound, current, noteRejection, runIn } from './current.ts'

// biome-ignore lint/suspicious/noExplicitAny: the functions of the browser, whatever they take
type AnyFunction = (...args: any[]) => any
type Listener = EventListenerOrEventListenerObject

const page = globalThis as unknown as Record<string, unknown>

/** The undo of every replacement. */
let undo: (() => void)[] = []

const replace = (owner: unknown, name: string, make: (original: AnyFunction) => unknown): void => {
  const descriptor = owner ? Object.getOwnPropertyDescriptor(owner, name) : undefined
  const original = descriptor?.value
  if (typeof original !== 'function' || !descriptor?.configurable) return
  const replacement = make(original) as AnyFunction
  // The same name and length, which some pages look at.
  if (replacement.prototype !== original.prototype || !original.prototype)
    Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original))
  Object.defineProperty(owner, name, { ...descriptor, value: replacement })
  undo.push(() => {
    if (Object.getOwnPropertyDescriptor(owner, name)?.value === replacement)
      Object.defineProperty(owner, name, descriptor)
  })
}

const prototypeOf = (name: string): object | undefined => (page[name] as { prototype?: object } | undefined)?.prototype

/** The callbacks of these functions run in the context of the call. */
const takers = (): [unknown, ...string[]][] => [
  [page, 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'requestAnimationFrame', 'requestIdleCallback'],
  [prototypeOf('Scheduler'), 'postTask'],
  [prototypeOf('LockManager'), 'request'],
  [prototypeOf('Geolocation'), 'getCurrentPosition'],
  [prototypeOf('Document'), 'startViewTransition'],
  [prototypeOf('HTMLVideoElement'), 'requestVideoFrameCallback'],
  [prototypeOf('HTMLCanvasElement'), 'toBlob'],
]

const observers = [
  'MutationObserver',
  'IntersectionObserver',
  'ResizeObserver',
  'PerformanceObserver',
  'ReportingObserver',
]

/** Their events answer a call of the page, so their listeners run in the context in which they were added. */
const answering = [
  ...['XMLHttpRequestEventTarget', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'FileReader', 'MessagePort', 'Worker'],
  ...['IDBRequest', 'IDBOpenDBRequest', 'IDBTransaction', 'AbortSignal', 'Animation', 'Notification', 'MediaRecorder'],
  ...['RTCPeerConnection', 'RTCDataChannel', 'SpeechSynthesisUtterance', 'AbstractWorker'],
]
/** Other events of elements come from the user. A page's own event belongs to the code that dispatches it. */
const answersOfElements =
  /^(on)?(load|error|(transition|animation)(end|cancel)|loaded(meta)?data|canplay(through)?|playing|ended|seeked)$/

const isInstance = (target: unknown, names: readonly string[]): boolean =>
  names.some((name) => typeof page[name] === 'function' && target instanceof (page[name] as AnyFunction))

const isElement = (target: unknown): boolean => isInstance(target, ['Element'])

const isAnswer = (target: unknown, type: string): boolean =>
  isElement(target) ? answersOfElements.test(type) : isInstance(target, answering)

type Added = { context: unknown; listener: Listener }

const isOwnOf = ({ isTrusted, target, currentTarget }: Event): boolean =>
  isTrusted && (target === currentTarget || !isElement(currentTarget))

/** An event inside of other code, such as that of `abort()`, belongs to that code. */
const inContextOf = (added: { context: unknown }, listener: Listener): EventListener =>
  function (this: unknown, event, ...more: unknown[]) {
    const call = () =>
      typeof listener === 'function'
        ? (listener as AnyFunction).call(this, event, ...more)
        : listener.handleEvent(event)
    const isOwn = added.context !== undefined && current() === undefined && isOwnOf(event)
    return isOwn ? runIn(added.context, call) : call()
  }

/** For each target, then type and phase, then listener: the wrapper that the browser got instead. */
const added = new WeakMap<object, Map<string, WeakMap<object, Added>>>()

const addedTo = (target: object, type: string, options: unknown): WeakMap<object, Added> => {
  const isCapture = typeof options === 'object' && options !== null ? 'capture' in options && options.capture : options
  const key = `${type} ${Boolean(isCapture)}`
  const byType = added.get(target) ?? new Map<string, WeakMap<object, Added>>()
  added.set(target, byType)
  const byListener = byType.get(key) ?? new WeakMap<object, Added>()
  byType.set(key, byListener)
  return byListener
}

const isListener = (listener: unknown): listener is Listener =>
  typeof listener === 'function' || (typeof listener === 'object' && listener !== null)

const replaceListeners = (): void => {
  replace(
    prototypeOf('EventTarget'),
    'addEventListener',
    (add) =>
      function (this: EventTarget, type: string, listener: unknown, ...options: unknown[]) {
        if (!isListener(listener) || !isAnswer(this, type)) return add.call(this, type, listener, ...options)
        const known = addedTo(this, type, options[0])
        let entry = known.get(listener)
        if (entry) entry.context = current()
        else {
          entry = { context: current(), listener }
          // A listener that was added unwrapped stays unwrapped, so that the browser recognises it when it is added
          // again.
          if (entry.context !== undefined) entry.listener = inContextOf(entry, listener)
          known.set(listener, entry)
        }
        return add.call(this, type, entry.listener, ...options)
      },
  )
  replace(
    prototypeOf('EventTarget'),
    'removeEventListener',
    (remove) =>
      function (this: EventTarget, type: string, listener: unknown, ...options: unknown[]) {
        if (!isListener(listener) || !isAnswer(this, type)) return remove.call(this, type, listener, ...options)
        const known = addedTo(this, type, options[0])
        const entry = known.get(listener)
        known.delete(listener)
        return remove.call(this, type, entry?.listener ?? listener, ...options)
      },
  )
}

const replaceHandlers = (name: string, isIncluded: (property: string) => boolean): void => {
  const prototype = prototypeOf(name)
  if (!prototype) return
  for (const [property, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const { get, set, configurable } = descriptor
    if (!property.startsWith('on') || !get || !set || !configurable || !isIncluded(property)) continue
    const handlers = new WeakMap<object, { wrapper: unknown; handler: unknown }>()
    Object.defineProperty(prototype, property, {
      ...descriptor,
      get(this: object) {
        const wrapper = get.call(this)
        const given = handlers.get(this)
        return given && given.wrapper === wrapper ? given.handler : wrapper
      },
      set(this: object, handler: unknown) {
        const context = current()
        const isWrapped = typeof handler === 'function' && context !== undefined
        const wrapper = isWrapped ? inContextOf({ context }, handler as EventListener) : handler
        set.call(this, wrapper)
        if (isWrapped) handlers.set(this, { wrapper, handler })
        else handlers.delete(this)
      },
    })
    undo.push(() => Object.defineProperty(prototype, property, descriptor))
  }
}

const replacePromises = (): void => {
  replace(
    Promise.prototype,
    'then',
    (then) =>
      function (this: Promise<unknown>, onFulfilled: unknown, onRejected: unknown) {
        const context = current()
        if (context === undefined) return then.call(this, onFulfilled, onRejected)
        const next = then.call(this, bound(onFulfilled), bound(onRejected))
        noteRejection(next, context)
        return next
      },
  )
  replace(
    Promise,
    'reject',
    (reject) =>
      function (this: PromiseConstructor, reason: unknown) {
        const rejected = reject.call(this, reason)
        noteRejection(rejected, current())
        return rejected
      },
  )
}

/** From now on every callback runs in the context in which it was given. */
export const install = (): void => {
  if (undo.length > 0) return
  replacePromises()
  for (const [owner, ...names] of takers())
    for (const name of names)
      replace(
        owner,
        name,
        (original) =>
          function (this: unknown, ...args: unknown[]) {
            return original.apply(this, args.map(bound))
          },
      )
  for (const name of observers)
    replace(
      page,
      name,
      (original) =>
        new Proxy(original, {
          construct: (target, [callback, ...rest], newTarget) =>
            Reflect.construct(target, [bound(callback), ...rest], newTarget),
        }),
    )
  replaceListeners()
  for (const name of answering) replaceHandlers(name, () => true)
  for (const name of ['HTMLElement', 'SVGElement'])
    replaceHandlers(name, (property) => answersOfElements.test(property))
}

export const uninstall = (): void => {
  for (const restore of undo.reverse()) restore()
  undo = []
}
