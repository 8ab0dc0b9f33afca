import { current, runIn } from '../current.ts'
import type { Expected } from './random-program.ts'

export type Findings = {
  right: number
  missing: number
  wrong: string[]
  /** Probes for which the context that the program hands on differs from Node's own. */
  disputed: string[]
  order: number[]
}

const mostCalls = 120
const turns = 60

class Refusal extends Error {}
class Sub<Value> extends Promise<Value> {}

export type Module = Record<string, (...args: never[]) => unknown>

type Engine = {
  /** Runs a callback in a later turn: with the context in which it is given, and without. */
  later: (fn: () => void) => void
  plainLater: (fn: () => void) => void
  /** A second opinion about the context. */
  asyncContext?: { run: <Result>(label: string, fn: () => Result) => Result; getStore: () => string | undefined }
}

/** Runs three flows of a random program at once, and compares the context at every probe with what it must be. */
export const judge = async (
  modules: Module[],
  generators: readonly string[],
  { later, plainLater, asyncContext }: Engine,
): Promise<Findings> => {
  const turn = (): Promise<void> => new Promise((resolve) => plainLater(resolve))
  const findings: Findings = { right: 0, missing: 0, wrong: [], disputed: [], order: [] }

  const probe = (id: number, { label, mayBeLost, isOwnFlow }: Expected): void => {
    findings.order.push(id)
    const found = current()
    if (found === label) findings.right += 1
    else if (found === undefined && mayBeLost) findings.missing += 1
    else findings.wrong.push(`probe ${id}: ${String(found)} instead of ${label}`)
    const truth = asyncContext?.getStore()
    if (asyncContext && isOwnFlow && truth !== label)
      findings.disputed.push(`probe ${id}: ${truth} instead of ${label}`)
  }

  let calls = 0
  const lost = (x: Expected): Expected => ({ ...x, mayBeLost: true })
  const inGenerator = (x: Expected): Expected => ({ ...x, isOwnFlow: false })
  const ticks = (count: number): Promise<number> => {
    let promise = Promise.resolve(count)
    for (let tick = 0; tick < count; tick++) promise = thenNatively(promise)
    return promise
  }
  const thenNatively = async (promise: Promise<number>) => await promise

  type Slot = { x: Expected | undefined }
  type Generator = AsyncGenerator<unknown, unknown, unknown>
  type GeneratorFunction = (slot: Slot) => Generator
  /** A generator belongs to the context of its first `next`, which follows at once. */
  const start = (generator: GeneratorFunction, x: Expected): Generator =>
    calls++ > mostCalls ? empty() : generator({ x: inGenerator(x) })
  async function* empty() {}

  let sharedSlot: Slot = { x: undefined }
  let sharedGenerator: Generator | undefined
  const shared = {
    promise: ticks(9),
    stream(x: Expected): Generator {
      if (!sharedGenerator || calls % 5 === 0) {
        calls++
        sharedSlot = { x: undefined }
        // A generator that was not compiled runs in the context of each of its consumers.
        const name = calls > mostCalls ? undefined : generators[calls % Math.max(generators.length, 1)]
        sharedGenerator = name ? (env[name] as GeneratorFunction)(sharedSlot) : empty()
      }
      sharedSlot.x ??= inGenerator(x)
      return sharedGenerator
    },
    next: (x: Expected): Promise<unknown> => shared.stream(x).next(1),
  }
  const thenable = (x: Expected, way: number) => ({
    // biome-ignore lint/suspicious/noThenProperty: this is what it is
    then(resolve: (value: unknown) => void) {
      probe(-1, x)
      if (way === 0) resolve(1)
      else if (way === 1) plainLater(() => resolve(2))
      else
        queueMicrotask(() => {
          probe(-2, x)
          resolve(3)
        })
    },
  })

  const disposable = (x: Expected, way: number) =>
    way === 0
      ? null
      : {
          [way === 1 ? Symbol.dispose : Symbol.asyncDispose]: () => {
            // After a rejected `await` the engine disposes before any code of the function runs again.
            probe(-3, lost(x))
            return way === 2 ? ticks(2) : undefined
          },
        }

  const env: Record<string, unknown> = {
    probe,
    lost,
    call: (fn: (x: Expected) => Promise<unknown>, x: Expected) =>
      calls++ > mostCalls ? ticks(1) : fn(x).catch(() => 0),
    start,
    ticks,
    turn: async () => {
      await turn()
      return 1
    },
    thenable,
    Sub,
    shared,
    native: async (promise: unknown) => {
      await null
      return await promise
    },
    nativeLater: async (fn: () => unknown) => {
      await null
      return await fn()
    },
    fork: (_x: Expected, label: string, fn: (x: Expected) => unknown) =>
      runAs(label, () => fn({ label, mayBeLost: false, isOwnFlow: true })),
    use: () => 1,
    budget: () => ++calls,
    refuse: async (count: number) => {
      await ticks(count)
      throw new Refusal()
    },
    Refusal,
    disposable,
    disposableNow: () => ({ [Symbol.dispose]: () => {} }),
    fEmpty: empty,
    queueMicrotask: (fn: () => void) => globalThis.queueMicrotask(fn),
    setImmediate: later,
  }
  const runAs = <Result>(label: string, fn: () => Result): Result =>
    asyncContext ? asyncContext.run(label, () => runIn(label, fn)) : runIn(label, fn)

  let isOver = false
  /** Between the microtasks and turns of the flows there is no context. */
  const watch = async (): Promise<void> => {
    const check = () => {
      if (current() !== undefined) findings.wrong.push(`between two jobs: ${String(current())}`)
    }
    for (let round = 0; !isOver && round < 2_000; round++) {
      await null
      check()
      if (round % 5 === 0) await turn()
      check()
    }
  }

  for (const module of modules) module.define?.(env as never)
  const watching = watch()
  for (const [index, label] of ['A', 'B', 'C'].entries()) {
    const flow = env[`f${index}`] as (x: Expected) => Promise<unknown>
    const ignoreRefusal = (thrown: unknown): void => {
      if (!(thrown instanceof Refusal)) throw thrown
    }
    runAs(label, () => void flow({ label, mayBeLost: false, isOwnFlow: true }).catch(ignoreRefusal))
  }
  if (current() !== undefined) findings.wrong.push('after the start of the flows')
  // A flow may wait for itself, through a generator that it shares, so the test ends after a number of turns.
  for (let round = 0; round < turns; round++) await turn()
  isOver = true
  await watching
  return findings
}
