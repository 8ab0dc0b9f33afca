import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { install, uninstall } from './callbacks.ts'
import { current, runIn } from './current.ts'
import { compile, load } from './testing/run-program.ts'

const rounds = 20
const flows = ['A', 'B', 'C']

/** Code that no build has compiled, such as a script from elsewhere. */
const elsewhere = await load(`
export const pass = async (value) => { await null; return await value }
export const later = async (fn) => { await null; return await fn() }
export const refuse = async () => { await null; throw new Error('refused') }
export async function* stream(probe) { yield 1; await null; probe(); yield 2 }
export const probeAfterAwait = async (probe) => { await null; probe(); await null; probe() }
export function* withFinally(probe) { try { yield 1; yield 2 } finally { probe() } }
`)
const topLevel = `globalThis.probeOfModule(); await null; globalThis.probeOfModule(); export const value = 1`

const helpers = `
class Sub extends Promise {}
const ticks = async (count) => { for (let tick = 0; tick < count; tick++) await null; return count }
const turn = () => new Promise((resolve) => setImmediate(resolve))
const timer = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const refuse = async (count) => { await ticks(count); throw new Error('refused') }
async function* numbers() { yield 1; await turn(); yield 2; yield 3 }
`

/** After each of these the flow goes on in its own context. */
const linked: Record<string, string> = {
  'await of a promise': 'await ticks(n); probe()',
  'await of a value': 'await 1; probe(); await null; probe()',
  'await of a thenable': 'await { then(resolve) { probe(); setImmediate(resolve) } }; probe()',
  'await of a subclass of Promise':
    'await Sub.resolve(1); probe(); await new Sub((done) => setImmediate(done)); probe()',
  'await of a timer': 'await timer(n % 3); probe(); await turn(); probe()',
  'a rejected await, in catch': 'try { await refuse(n) } catch (error) { probe() } probe()',
  'a rejected await, in finally':
    'try { try { await refuse(n) } finally { probe(); await 1; probe() } } catch { probe() }',
  'an error without an await, in catch': 'try { throw new Error() } catch { probe() } await ticks(n); probe()',
  'return await': 'const f = async () => { try { return await ticks(n) } finally { probe() } }; await f(); probe()',
  'an arrow without a block': 'await (async () => (await ticks(n), probe(), await turn(), probe()))(); probe()',
  'methods, private methods and fields': `
    class Thing { async #one() { await ticks(n); probe() } two = async () => { await this.#one(); probe() }; static async three() { await 1; probe() } }
    await new Thing().two(); probe(); await Thing.three(); await ({ async four() { await turn(); probe() } }).four(); probe()`,
  'loops with labels': `
    outer: for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) { await ticks(j); probe(); if (j === 1) continue outer; if (i === 2) break outer }
    do { await 1; probe() } while (await 0); probe()`,
  'conditions, templates, chains and assignments': `
    let a = (await ticks(1)) ? await turn() : 0; probe(); a ||= await 1; a += \`\${await 2}\`; probe()
    const { b = await turn(), [await 'c']: c } = {}; probe(); (await { d: () => probe() })?.d?.(await 1); [await 1, await turn()]; probe()
    switch (await 1) { case await 1: probe() }`,
  'for await over a generator': 'for await (const one of numbers()) { probe(); await ticks(n); probe() } probe()',
  'for await over promises': 'for await (const one of [ticks(1), 2, turn()]) { probe() } probe()',
  'break, continue and return out of for await': `
    for await (const one of [1, 2]) { probe(); break } probe()
    outer: for (const one of [1, 2]) { for await (const two of numbers()) { probe(); if (one === 1) continue outer; break outer } } probe()
    const f = async () => { for await (const one of numbers()) try { return await turn() } finally { probe() } }; await f(); probe()`,
  'for await over a stream that rejects': 'try { for await (const one of [refuse(n)]); } catch { probe() } probe()',
  'yield and yield*': `
    async function* inner() { probe(); const given = yield 1; probe(); yield* [turn(), 2]; probe(); return given }
    async function* outer() { probe(); yield* inner(); probe(); yield turn(); probe() }
    for await (const one of outer()) probe(); probe()`,
  'return() and throw() of a generator': `
    async function* one() { try { yield 1; yield 2 } catch { probe(); await turn(); probe(); yield 3 } finally { probe(); await 1; probe() } }
    const a = one(); await a.next(); await a.return(ticks(n)); probe(); const b = one(); await b.next(); b.throw(new Error()); probe(); await b.next(); probe()`,
  'await using': `
    const open = () => ({ async [Symbol.asyncDispose]() { probe(); await turn(); probe() } })
    { await using a = open(), b = open(), c = null; probe() } probe(); { using d = { [Symbol.dispose]: probe }; await turn() } probe()`,
  'all, race, any and allSettled': `
    for (const way of ['all', 'race', 'any', 'allSettled']) { await Promise[way]([ticks(n), turn(), 1].map(async (one) => { await one; probe(); return one })); probe() }
    await Promise.any([refuse(1), refuse(2)]).catch(probe); probe()`,
  'then, catch and finally': `
    await ticks(n).then(() => (probe(), refuse(1))).catch(() => probe()).finally(async () => { probe(); await 1; probe() }); probe()`,
  'timers, microtasks and parallel work': `
    queueMicrotask(() => probe()); setTimeout((one, two) => { assert.equal(one + two, 3); probe() }, 0, 1, 2); void ticks(3).then(probe)
    const work = [1, 2, 3].map(async (one) => { await ticks(one); probe() }); await turn(); probe(); await Promise.all(work); probe()`,
  'an await of code that was not compiled':
    'await elsewhere.pass(turn()); probe(); await elsewhere.refuse().catch(probe); probe(); for await (const one of elsewhere.stream(() => {})) probe(); probe()',
  'import()': `await import('data:text/javascript,export default ' + Math.random()); probe()`,
  'a context inside of a context': `
    await fork('inner' + label, async (probeInner) => { await ticks(n); probeInner(); await turn(); probeInner() }); probe()
    const promise = fork('inner' + label, async (probeInner) => { await turn(); probeInner() }); probe(); await promise; probe()`,
  'an error that is thrown before the first await':
    'const f = async () => { throw new Error() ; await 1 }; f().catch(probe); probe(); await f().catch(() => {}); probe()',
}

/** Code that does not belong to the flow, or cannot be known to. `none()` expects no context. */
const separate: Record<string, string> = {
  'after the await of code that was not compiled': 'await elsewhere.probeAfterAwait(none); probe()',
  'compiled code that such code calls later':
    'await elsewhere.later(() => none()); probe(); await elsewhere.later(async () => { none(); await turn(); none() }); probe()',
  'a generator that was not compiled, after its await':
    'for await (const one of elsewhere.stream(none)) probe(); probe()',
  'a thenable that an async function returns':
    'const f = async () => { await 1; return { then(resolve) { none(); resolve() } } }; await f(); probe()',
  'a thenable that a promise adopts': 'await Promise.resolve({ then(resolve) { none(); resolve() } }); probe()',
  'the end of a synchronous generator after a rejected await':
    'try { for (const one of elsewhere.withFinally(none)) await refuse(1) } catch { probe() }',
  'the top of a module that is imported':
    'globalThis.probeOfModule = none; await import("data:text/javascript," + encodeURIComponent(topLevel + "//" + Math.random())); probe()',
  'Array.fromAsync, which awaits by itself': 'await Array.fromAsync([turn(), 2], none); probe()',
  'AsyncDisposableStack, which awaits by itself': `
    const stack = new AsyncDisposableStack(); stack.defer(() => none()); stack.defer(async () => { probe(); await turn(); probe() })
    await stack.disposeAsync(); probe()`,
  'a timer without a context':
    'const done = outside(() => new Promise((resolve) => setTimeout(() => { none(); resolve() }, 0))); await done; probe()',
  'a callback without a context':
    'const promise = ticks(n); outside(() => void promise.then(none)); await promise; probe(); await turn()',
  'a microtask without a context': 'outside(() => queueMicrotask(none)); await 1; probe()',
  'an async function without a context':
    'const done = outside(async () => { none(); await ticks(n); none(); await turn(); none() }); probe(); await done; probe()',
  'a generator without a context, with a consumer': `
    async function* all() { none(); try { const given = yield 1; none(); await turn(); none(); yield given } finally { none() } }
    const stream = all(); await outside(() => stream.next()); probe(); const next = stream.next(); probe(); await next; probe(); await stream.return(); probe()`,
  'a generator of another flow, with a consumer': `
    const own = label; async function* all() { try { for (;;) { assertIs(own); await ticks(1); assertIs(own); yield own } } finally { assertIs(own) } }
    const stream = all(); await stream.next(); await fork('other' + label, async (probeOther) => { const next = stream.next(); probeOther(); await next; probeOther()
      for await (const one of stream) { probeOther(); break } probeOther() }); probe()`,
  'a callback on a promise of another flow': `
    const promise = ticks(n); await fork('other' + label, async (probeOther) => { await promise.then(probeOther); probeOther(); await promise; probeOther() }); probe()`,
  'a promise that another flow resolves': `
    const { promise, resolve } = Promise.withResolvers(); void fork('other' + label, async (probeOther) => { await turn(); resolve(); probeOther(); await 1; probeOther() }); await promise; probe()`,
  'a queue that another flow empties':
    'queue.push(() => none()); await turn(); outside(() => { for (const one of queue.splice(0)) one() }); probe()',
  'an await that throws at once': `
    const promise = ticks(1); Object.defineProperty(promise, 'constructor', { get() { throw new Error() } })
    await turn(); try { await promise } catch { probe() } await turn(); probe()`,
  'a function that overflows the stack':
    'await turn(); const deep = () => deep(); try { deep() } catch { probe() } await elsewhere.probeAfterAwait(none); probe()',
  'a default in the pattern of a catch':
    'try { await Promise.reject({}) } catch ({ text = none() }) { probe() } probe()',
}

let probes = 0
const run = async (code: string): Promise<void> => {
  const module = await load(
    compile(`${helpers}
const queue = []
export const run = async (label, n, { assert, elsewhere, topLevel, assertIs, fork, outside }) => {
const probe = () => assertIs(label), none = () => assertIs(undefined)
${code}
}`),
  )
  const assertIs = (expected: string | undefined) => {
    probes += 1
    assert.equal(current(), expected)
  }
  const fork = (label: string, fn: (probe: () => void) => unknown) => runIn(label, () => fn(() => assertIs(label)))
  const tools = { assert, elsewhere, topLevel, assertIs, fork, outside: (fn: () => unknown) => runIn(undefined, fn) }
  for (let round = 0; round < rounds; round++)
    await Promise.all(
      flows.map((label, index) =>
        runIn(label, () => module.run?.(...([label, (round * 7 + index) % 5, tools] as never[]))),
      ),
    )
}

describe('through native await', () => {
  before(install)
  after(uninstall)

  test('the context is kept in', async (t) => {
    for (const [form, code] of Object.entries(linked)) await t.test(form, () => run(code))
    t.diagnostic(`${probes} probes`)
  })

  test('and never that of other code in', async (t) => {
    for (const [form, code] of Object.entries(separate)) await t.test(form, () => run(code))
    t.diagnostic(`${probes} probes`)
  })
})
