/**
 * The current context of the page, and the frames that carry it through `await`.
 *
 * Between two jobs of the browser there is no current context (`undefined`), because everything that sets a context
 * restores the previous one. So code that this package does not know runs without a context, never in that of other code.
 */
type State = { current: unknown; rejections: WeakMap<object, unknown> }

const key = Symbol.for('@cruddur/trace-web/context')
const page = globalThis as { [key]?: State }
page[key] ??= { current: undefined, rejections: new WeakMap() }
const state: State = page[key]

export const current = (): unknown => state.current

export const runIn = <Result>(context: unknown, fn: () => Result): Result => {
  const before = state.current
  state.current = context
  try {
    return fn()
  } catch (thrown) {
    noteRejection(thrown, context)
    throw thrown
  } finally {
    state.current = before
  }
}

// biome-ignore lint/suspicious/noExplicitAny: any function, given back with its own type
type AnyFunction = (...args: any[]) => any

export const bindTo = <Fn extends AnyFunction>(context: unknown, fn: Fn): Fn =>
  function (this: unknown, ...args: unknown[]) {
    return runIn(context, () => fn.apply(this, args))
  } as Fn

/** A callback that is given without a context needs no wrapper: it will find no context either. */
export const bound = <Value>(value: Value): Value =>
  state.current !== undefined && typeof value === 'function'
    ? (bindTo(state.current, value as unknown as AnyFunction) as Value)
    : value

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const ambiguous = Symbol('rejected in two contexts')

/**
 * Remembers where this error or promise was rejected. The first place counts; after a second, different one the context
 * is unknown.
 */
export const noteRejection = (what: unknown, context: unknown): void => {
  if (context === undefined || !isObject(what)) return
  const known = state.rejections.get(what)
  if (known === undefined) state.rejections.set(what, context)
  else if (known !== context && !isSameFlow(known, context)) state.rejections.set(what, ambiguous)
}

let isSameFlow = (_one: unknown, _other: unknown): boolean => false
export const compareFlows = (compare: typeof isSameFlow): void => {
  isSameFlow = compare
}

export const contextOfRejection = (promise: unknown, reason: unknown): unknown => {
  for (const what of [promise, reason]) {
    const known = isObject(what) ? state.rejections.get(what) : undefined
    if (known !== undefined) return known === ambiguous ? undefined : known
  }
  return undefined
}

/** One call of an async function. `outer` is what the code underneath it on the stack needs back. */
type Frame = { readonly context: unknown; outer: unknown; isInside: boolean }

export function enter(): Frame {
  return { context: state.current, outer: state.current, isInside: true }
}

/** Before each suspension, with the awaited value, and at the end. */
export function leave<Value>(frame: Frame, value?: Value): Value {
  const awaited = frame.context === undefined ? value : carriedBy(frame, value)
  if (frame.isInside) {
    frame.isInside = false
    state.current = frame.outer
  }
  return awaited as Value
}

/** After an `await`, which always continues in a job of its own. */
export function resume<Value>(frame: Frame, value?: Value): Value {
  return goInside(frame, undefined, value as Value)
}

/** In a generator, which its consumer may continue from another context, in the middle of the consumer's own work. */
export function reenter<Value>(frame: Frame, value?: Value): Value {
  return goInside(frame, state.current, value as Value)
}

function goInside<Value>(frame: Frame, outer: unknown, value: Value): Value {
  if (!frame.isInside) {
    frame.isInside = true
    frame.outer = outer
    state.current = frame.context
  }
  return value
}

/** For the `catch` around a function's body. */
export function fail(frame: Frame, thrown: unknown): never {
  noteRejection(thrown, frame.context)
  throw thrown
}

/** The engine calls the `then` of a thing that is no native promise in a job of its own. */
function carriedBy(frame: Frame, value: unknown): unknown {
  if (!isObject(value) || (value instanceof Promise && value.constructor === Promise)) return value
  try {
    const { then } = value as { then?: unknown }
    if (typeof then !== 'function') return value
    // biome-ignore lint/suspicious/noThenProperty: it stands for a thenable
    return { then: (...callbacks: unknown[]) => runIn(frame.context, () => then.apply(value, callbacks)) }
  } catch (thrown) {
    return {
      // biome-ignore lint/suspicious/noThenProperty: it stands for a thenable
      get then() {
        throw thrown
      },
    }
  }
}

type Step = (...args: unknown[]) => unknown
type Steps = { next: Step; return?: Step; throw?: Step }

/** For `for await` and `yield*`, which call the iterator themselves and then wait for its answer. */
export function iterate(frame: Frame, iterable: Record<symbol, Step>): unknown {
  const way = iterable[Symbol.asyncIterator] == null ? Symbol.iterator : Symbol.asyncIterator
  return {
    [way]: () => {
      const iterator = (iterable[way] as Step)() as Steps
      const { next } = iterator
      const step = (method: Step | undefined) =>
        method && ((...args: unknown[]) => leaveAfter(frame, () => method.apply(iterator, args)))
      return {
        next: step(next),
        get return() {
          const method = step(iterator.return)
          // The engine waits for the end of an iterator that it has made asynchronous, even without a method.
          if (!method && way === Symbol.iterator) leave(frame)
          return method
        },
        get throw() {
          return step(iterator.throw)
        },
      }
    },
  }
}

function leaveAfter<Result>(frame: Frame, act: () => Result): Result {
  reenter(frame)
  const result = act()
  leave(frame)
  return result
}

type Disposable = { [Symbol.asyncDispose]?: Step | null; [Symbol.dispose]?: Step | null }

/** For `await using`, which waits for each `dispose` at the end of its block. */
export function guard(frame: Frame, resource: Disposable | null | undefined): Disposable {
  const isAsync = resource?.[Symbol.asyncDispose] != null
  const dispose = isAsync ? resource[Symbol.asyncDispose] : resource?.[Symbol.dispose]
  // The engine has the better error for a thing that cannot be disposed of.
  if (resource != null && typeof dispose !== 'function') return resource
  return {
    [Symbol.asyncDispose]: () => {
      const result = leaveAfter(frame, () => dispose?.call(resource))
      return isAsync ? result : undefined
    },
  }
}
