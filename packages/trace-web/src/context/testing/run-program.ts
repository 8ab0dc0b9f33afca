import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { carryContext } from '../../compile/transform.ts'
import { install, uninstall } from '../callbacks.ts'
import { current, runIn } from '../current.ts'
import { type Expected, randomProgram } from './random-program.ts'

const folder = mkdtempSync(join(tmpdir(), 'random-programs-'))
const frames = new URL('../current.ts', import.meta.url).href
let files = 0

export const load = (code: string): Promise<Record<string, (...args: never[]) => unknown>> => {
  const file = join(folder, `${++files}.mjs`)
  writeFileSync(file, code)
  return import(pathToFileURL(file).href)
}

export const compile = (code: string): string => carryContext(code, { from: frames })?.code ?? code

export type Findings = {
  right: number
  missing: number
  wrong: string[]
  /** Probes whose two truths, the one handed on and Node's own, are not one. */
  disputed: string[]
  order: number[]
}

const asyncContext = new AsyncLocalStorage<string>()
const mostCalls = 120
const turns = 60

class Refusal extends Error {}
class Sub<Value> extends Promise<Value> {}

// Taken before anything is replaced: what the page does not bind.
const plain = { setImmediate, queueMicrotask }

/** Runs three flows of the program at once, and compares the context at every probe with what it must be. */
export const runProgram = async (seed: number, change: (code: string) => string = compile): Promise<Findings> => {
  const { compiled, native, generators } = randomProgram(seed)
  const modules = await Promise.all([load(change(compiled)), load(native)])
  const findings: Findings = { right: 0, missing: 0, wrong: [], disputed: [], order: [] }

  const probe = (id: number, { label, mayBeLost, isOwnFlow }: Expected): void => {
    findings.order.push(id)
    const found = current()
    if (found === label) findings.right += 1
    else if (found === undefined && mayBeLost) findings.missing += 1
    else findings.wrong.push(`probe ${id}: ${String(found)} instead of ${label}`)
    const truth = asyncContext.getStore()
    if (isOwnFlow && truth !== label) findings.disputed.push(`probe ${id}: ${truth} instead of ${label}`)
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
      else if (way === 1) plain.setImmediate(() => resolve(2))
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
    turn: () => turn(1),
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
    setImmediate: (fn: () => void) => globalThis.setImmediate(fn),
  }
  const runAs = <Result>(label: string, fn: () => Result): Result => asyncContext.run(label, () => runIn(label, fn))

  let isOver = false
  /** Between the microtasks and turns of the flows there is no context. */
  const watch = async (): Promise<void> => {
    const check = () => {
      if (current() !== undefined) findings.wrong.push(`between two jobs: ${String(current())}`)
    }
    for (let round = 0; !isOver && round < 2_000; round++) {
      await null
      check()
      if (round % 5 === 0) await new Promise<void>((resolve) => plain.setImmediate(resolve))
      check()
    }
  }

  install()
  try {
    for (const module of modules) module.define?.(env as never)
    const watching = watch()
    const flows = ['A', 'B', 'C'].map((label, index) =>
      runAs(label, () =>
        (env[`f${index}`] as (x: Expected) => Promise<unknown>)({ label, mayBeLost: false, isOwnFlow: true }).catch(
          (thrown) => {
            if (!(thrown instanceof Refusal)) throw thrown
          },
        ),
      ),
    )
    if (current() !== undefined) findings.wrong.push('after the start of the flows')
    // A flow may wait for itself, by a generator that it shares. So the end is a number of turns.
    void flows
    for (let round = 0; round < turns; round++) await turn()
    isOver = true
    await watching
  } finally {
    uninstall()
  }
  return findings
}
