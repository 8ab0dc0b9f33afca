/** What a probe must find. `mayBeLost` after an `await` that was not compiled. */
export type Expected = { readonly label: string; readonly mayBeLost: boolean; readonly isOwnFlow: boolean }

const randomOf = (seed: number) => {
  let state = seed * 2_654_435_761 + 1
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    below: (limit: number): number => Math.floor(next() * limit),
    chance: (probability: number): boolean => next() < probability,
    of: <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)] as Value,
  }
}

type Kind = 'function' | 'arrow' | 'method' | 'private' | 'expression' | 'generator'
type Fn = { index: number; kind: Kind; isCompiled: boolean }

/**
 * A random program in two modules: the functions that the build compiles, and those that it does not. Functions call
 * only later ones. Each takes what it must find (`x`), and passes that on.
 */
export const randomProgram = (seed: number): { compiled: string; native: string; generators: string[] } => {
  const random = randomOf(seed)
  const count = 9
  const kinds: Kind[] = ['function', 'arrow', 'method', 'private', 'expression', 'generator', 'generator']
  const fns: Fn[] = Array.from({ length: count }, (_, index) => ({
    index,
    kind: index < 3 ? 'function' : random.of(kinds),
    isCompiled: index < 3 || random.chance(0.75),
  }))
  let probes = 0
  let labels = 0

  const write = (fn: Fn): string => {
    const { index, isCompiled } = fn
    const isGenerator = fn.kind === 'generator'
    const x = isCompiled ? 'x' : 'lost(x)'
    const probe = (): string => `probe(${++probes}, ${x})`
    const later = (generators: boolean): Fn[] =>
      fns.filter((other) => other.index > index && (other.kind === 'generator') === generators)

    const call = (): string => {
      const callee = random.of(later(false))
      return callee ? `call(f${callee.index}, ${x})` : `ticks(${random.below(4)})`
    }
    const stream = (): string => {
      const generator = random.of(later(true))
      if (random.chance(0.2)) return `shared.stream(${x})`
      if (!generator || random.chance(0.2)) return `[ticks(1), 2, ticks(${random.below(3)})]`
      return `start(f${generator.index}, ${x})`
    }
    const promise = (): string =>
      random.of([
        () => `ticks(${random.below(5)})`,
        () => `turn()`,
        () => `${random.below(9)}`,
        () => `null`,
        () => `thenable(${x}, ${random.below(3)})`,
        () => `Sub.resolve(${random.below(9)})`,
        () => `shared.promise`,
        () => `{ then: 1 }`,
        call,
        call,
        call,
        () => `Promise.${random.of(['all', 'race', 'any', 'allSettled'])}([${call()}, ${call()}, turn()])`,
        () => `native(${call()})`,
        () => `nativeLater(() => ${call0()})`,
        () => `Promise.all([1, 2].map(async (n) => ${asyncBlock(1)}))`,
        () => `(async () => ${isCompiled ? `(await ticks(1), ${probe()}, await ${call()})` : call()})()`,
        () => `fork(${x}, 'l${++labels}', async (x) => ${asyncBlock(1)})`,
        () => `fork(${x}, 'l${++labels}', (x) => ${call0('x')})`,
        () => `ticks(1).then((v) => (${probe()}, v)).then(() => ${call()}).finally(() => ${probe()})`,
        () => `ticks(1).then(() => { ${probe()}; throw new Refusal() }).catch(() => ${probe()})`,
      ])()
    const call0 = (as?: string): string => {
      const callee = random.of(later(false))
      const passed = as ? (isCompiled ? as : `lost(${as})`) : `lost(${x})`
      return callee ? `call(f${callee.index}, ${passed})` : `ticks(1)`
    }
    const asyncBlock = (depth: number): string => `{ ${statements(depth - 1, [], true)} }`

    const expression = (): string =>
      random.of([
        () => `await ${promise()}`,
        () => `await ${promise()}`,
        () => `use(await ${promise()}, await ${promise()})`,
        () => `use(\`\${await ${promise()}}\`)`,
        () => `use((await ${promise()})?.length ? await ticks(1) : await turn())`,
        () => `{ const { q = await ${promise()} } = {}; use(q) }`,
        () => `{ let q = 0; q ||= await ${promise()}; q += await 1; use(q) }`,
        () => `use([...[await ${promise()}]], { [await 'k']: await ${promise()} })`,
        () => `use(class { static [await 'k'] = 1 })`,
      ])()

    /** `loops`: the labels of the loops around. `inClosure`: in a function of its own, where `yield` is not possible. */
    const statement = (depth: number, loops: string[], inClosure: boolean): string => {
      const simple = [
        () => `${expression()}; ${probe()};`,
        () => `${expression()}; ${probe()};`,
        () => `${expression()}; ${probe()};`,
        () => `${probe()};`,
        () => `void ${call()}.catch(() => {});`,
        () => `queueMicrotask(() => { ${probe()} });`,
        () => `setImmediate(() => { ${probe()}; void ${call()}.catch(() => {}) });`,
        () => `[1, 2].forEach(() => ${probe()});`,
        () => `void ticks(2).then(() => ${probe()});`,
        () =>
          inClosure || !isGenerator
            ? `${probe()};`
            : `use(yield ${random.of(['1', 'ticks(2)', 'turn()'])}); ${probe()};`,
        () => (inClosure || !isGenerator ? `${probe()};` : `use(yield* ${stream()}); ${probe()};`),
        () => `{ const g = start(f${random.of(later(true))?.index ?? 'Empty'}, ${x}); await g.next(1); ${probe()};
          ${random.of(['await g.return(3)', 'await g.throw(new Refusal()).catch(() => 0)', 'g.next(2).catch(() => 0); await g.next(4).catch(() => 0)'])}; ${probe()}; }`,
        () => `await shared.next(${x}).catch(() => 0); ${probe()};`,
        () => `{ const next = shared.next(${x}).catch(() => 0); ${probe()}; await next; ${probe()}; }`,
        () =>
          `{ const g = start(f${random.of(later(true))?.index ?? 'Empty'}, ${x}); await g.next(1); const next = g.next(2).catch(() => 0); ${probe()}; await next; }`,
        () =>
          loops.length > 0 ? `if (budget() % 3 === 0) ${random.of(['break', 'continue'])} ${random.of(loops)};` : '',
        () => `if (budget() % 7 === 0) return ${random.of(['', '1', 'ticks(1)', `await ${call()}`, `${call()}`])};`,
        () => `if (budget() % 5 === 0) throw new Refusal();`,
        () => `if (budget() % 5 === 0) await refuse(${random.below(3)});`,
      ]
      const inner = (more: string[] = []) => statements(depth - 1, [...loops, ...more], inClosure)
      const label = `w${probes}_${random.below(1000)}`
      const nested = [
        () => `try { ${inner()} } catch { ${probe()}; ${inner()} }`,
        () => `try { ${inner()} } finally { ${probe()}; ${statements(depth - 1, [], inClosure)} }`,
        () =>
          `try { ${inner()}; await refuse(1) } catch (e) { ${probe()}; ${inner()} } finally { ${probe()}; await ticks(1); ${probe()} }`,
        () => `${label}: for (let i = 0; i < 2; i++) { ${inner([label])} }`,
        () => `${label}: for await (const v of ${stream()}) { ${probe()}; ${inner([label])} } ${probe()};`,
        () => `for await (const v of ${stream()}) await ${promise()};\n${probe()};`,
        () =>
          `${label}: for await (const v of ${stream()}) { ${probe()}; ${random.of([`break ${label}`, `continue ${label}`, `break`])} } ${probe()};`,
        () => `if (await ${promise()}) { ${inner()} } else { ${inner()} } ${probe()};`,
        () => `switch (await ${promise()}) { case await 1: ${probe()}; default: ${inner()} }`,
        () => `{ await using r = disposable(${x}, ${random.below(4)}); ${inner()} } ${probe()};`,
        () =>
          `{ await using r = disposable(${x}, ${1 + random.below(3)}), q = disposable(${x}, ${1 + random.below(3)}); ${inner()} } ${probe()};`,
        () => `{ using r = disposableNow(); ${inner()} }`,
      ]
      return depth > 0 && random.chance(0.45) ? random.of(nested)() : random.of(simple)()
    }
    const statements = (depth: number, loops: string[], inClosure: boolean): string =>
      Array.from({ length: 1 + random.below(4) }, () => statement(depth, loops, inClosure)).join('\n')

    const body = `${probe()};\n${statements(3, [], false)}\n${probe()}`
    switch (fn.kind) {
      case 'generator':
        return random.chance(0.5)
          ? `env.f${index} = async function* (slot) { let x = slot.x; ${body} }`
          : `env.f${index} = ({ async *m(slot) { let x = slot.x; ${body} } }).m`
      case 'arrow':
        return `env.f${index} = async (x) => { ${body} }`
      case 'expression':
        return `env.f${index} = async (x) => ${isCompiled ? '' : 'x && '}use(${probe()}, await ${promise()}, ${probe()}, await ${promise()})`
      case 'method':
        return `env.f${index} = ({ async m(x) { ${body} } }).m`
      case 'private':
        return `env.f${index} = (x) => new (class { async #m(x) { ${body} }; go(x) { return this.#m(x) } })().go(x)`
      default:
        return `env.f${index} = async function named(x) { ${random.of(["'use strict'", ''])}\n ${body} }`
    }
  }

  const module = (isCompiled: boolean): string => {
    const written = fns.filter((fn) => fn.isCompiled === isCompiled).map(write)
    return `export const define = (env) => {
const { probe, lost, call, start, ticks, turn, thenable, Sub, shared, native, nativeLater, fork, use, budget, refuse, Refusal, disposable, disposableNow, fEmpty, queueMicrotask, setImmediate } = env
${written
  .join('\n\n')
  .replaceAll(/\bf(\d+)\b(?! =)/g, 'env.f$1')
  .replaceAll('env.env.', 'env.')}
}
`
  }
  const generators = fns.filter(({ kind, isCompiled }) => kind === 'generator' && isCompiled)
  return { compiled: module(true), native: module(false), generators: generators.map(({ index }) => `f${index}`) }
}
