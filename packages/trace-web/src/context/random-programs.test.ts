import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Findings } from './testing/judge.ts'
import { compile, runProgram } from './testing/run-program.ts'

const programs = 150
const seeds = Array.from({ length: programs }, (_, index) => index + 1)

const ignore = () => {}
before(() => process.on('unhandledRejection', ignore))
after(() => process.off('unhandledRejection', ignore))

describe('in random async programs', () => {
  const found: Findings[] = []

  test('no probe finds the context of another flow, and none is lost where all was compiled', async (t) => {
    for (const seed of seeds) {
      const findings = await runProgram(seed)
      assert.deepEqual(findings.wrong.slice(0, 5), [], `program ${seed}`)
      found.push(findings)
    }
    const sum = (count: (findings: Findings) => number) => found.reduce((total, one) => total + count(one), 0)
    const right = sum((one) => one.right)
    const missing = sum((one) => one.missing)
    t.diagnostic(`${programs} programs: ${right} probes right, ${missing} lost behind code that was not compiled`)
    assert.ok(right > 10_000)
  })

  test('AsyncLocalStorage agrees with what each program says that a probe must find', () => {
    assert.deepEqual(
      found.flatMap(({ disputed }) => disputed),
      [],
    )
  })

  test('compiled code runs in the same order as before, microtask by microtask', async () => {
    for (const seed of seeds.slice(0, 80)) {
      const plain = await runProgram(seed, (code) => code)
      assert.deepEqual(found[seed - 1]?.order, plain.order, `program ${seed}`)
    }
  })
})

const identity = '((_, value) => value)('
const sabotage: [string, (compiled: string) => string][] = [
  ['the end of a function', (code) => code.replaceAll('finally{page$leave(page$frame)}', 'finally{}')],
  ['a suspension', (code) => code.replaceAll('await page$leave(', `await ${identity}`)],
  ['what follows an await', (code) => code.replaceAll('page$resume(page$frame,await', `${identity}page$frame,await`)],
  ['a catch or a finally', (code) => code.replaceAll('{page$resume(page$frame);', '{')],
  ['a yield', (code) => code.replaceAll('yield page$leave(', `yield ${identity}`)],
  ['what follows a yield', (code) => code.replaceAll('page$reenter(page$frame,yield', `${identity}page$frame,yield`)],
  ['the consumer of a generator', (code) => code.replaceAll('page$reenter(', 'page$resume(')],
  ['the return of a generator', (code) => code.replaceAll('return page$leave(', `return ${identity}`)],
  ['an iteration', (code) => code.replaceAll('page$iterate(', identity)],
  ['what follows a loop', (code) => code.replaceAll('finally{page$resume(page$frame)}', 'finally{}')],
  ['a disposal', (code) => code.replaceAll('page$guard(', identity)],
]

describe('the judge notices code that forgets', () => {
  for (const [what, forget] of sabotage)
    test(what, async () => {
      const change = (code: string) => {
        const compiled = compile(code)
        const spoilt = forget(compiled)
        assert.ok(spoilt !== compiled || !compiled.includes('page$'), 'the program was spoilt')
        return spoilt
      }
      const isNoticed = async (seed: number) => {
        try {
          return (await runProgram(seed, change)).wrong.length > 0
        } catch (error) {
          if (error instanceof assert.AssertionError) return false
          throw error
        }
      }
      for (const seed of seeds) if (await isNoticed(seed)) return
      assert.fail('in none of the programs')
    })
})
