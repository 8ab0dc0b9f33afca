import assert from 'node:assert/strict'
import { SourceMap } from 'node:module'
import { describe, test } from 'node:test'
import { parseSync } from 'rolldown/utils'
import { carryContext, framesId } from './transform.ts'

const compiled = (code: string, file = 'module.js'): string => {
  const { code: output } = carryContext(code, { file }) ?? assert.fail('nothing to do')
  assert.deepEqual(parseSync(file, output).errors, [], output)
  return output
}
const frame = 'const page$frame=page$enter();'

describe('the build step', () => {
  test('leaves code alone that has nothing to carry', () => {
    for (const code of [
      'const a = 1',
      'const async = 1; const b = async',
      'async function f() { return g() }',
      'const f = async () => g()',
      'function* g() { yield 1 }',
      'await top()',
      'for await (const one of many) use(one)',
      'await using thing = open()',
      '// async functions await',
    ])
      assert.equal(carryContext(code), null, code)
  })

  test('leaves code alone that it has compiled before', () => {
    assert.equal(carryContext(compiled('async () => { await 1 }')), null)
  })

  test('takes names that the code does not use', () => {
    const output = compiled('async (page$frame) => { await page$frame }')
    assert.match(output, /const _page\$frame=_page\$enter\(\)/)
  })

  test('keeps directives first', () => {
    assert.ok(
      compiled('"use client"\nasync function f() { "use strict"; "use other"\n await 1 }').startsWith('"use client"'),
    )
    assert.match(compiled('async function f() { "use strict"\nawait 1 }'), /\{ "use strict";const page\$frame/)
  })

  test('imports only what the code needs', () => {
    const output = compiled('async () => { await 1 }')
    assert.match(output, /import \{ enter as page\$enter, leave as .*, resume as .*, fail as page\$fail \} from/)
    assert.ok(output.includes(framesId))
  })

  test('requires it in a file that only CommonJS may be in, after its directives', () => {
    const output = compiled('"use strict"\nexports.f = async () => { await 1 }', 'module.cjs')
    assert.match(
      output,
      /^"use strict";const \{ enter: page\$enter, leave: .* \} = require\('virtual:[^']*'\);\nexports/,
    )
    assert.match(compiled('exports.f = async () => { await 1 }', 'module.cjs'), /^;const .*;exports\.f/)
  })

  test('leaves alone a function whose names would clash in a block, and compiles those in it', () => {
    const clash = 'async function f() { var a; function a() {} await 1; const g = async () => { await 2 } }'
    const output = compiled(clash)
    assert.ok(output.includes('function a() {} await 1;'))
    assert.equal(output.split(frame).length, 2)
    for (const name of ['{ a }', '[a]', '{ b: [{ c: a = 1 }] }', '[, ...a]', '{ ...a }'])
      assert.equal(
        carryContext(`async function f(b) { if (b) { var ${name} = b } function a() {} await 1 }`),
        null,
        name,
      )
  })

  test('leaves alone a function that disposes in the head of a loop', () => {
    assert.equal(carryContext('async () => { for (await using a of b) await 1 }'), null)
    assert.equal(carryContext('async () => { for (await using a = b; ; ) await 1 }'), null)
  })

  test('finds the end of lines without semicolons', () => {
    for (const code of [
      'async function f() {\n  g()\n  await 1\n  let a = 1\n  await 2\n}\n',
      'async function f() {\n  let a = b\n  for await (const c of d) e()\n  if (a) await 1\n  else await 2\n}',
      'const f = async () => await 1\nconst g = async () => (await 1)\nh()',
      'async function f() { do await 1\nwhile (a)\n { await using b = c\n d() } }',
      'async function f() { // to the end\n  await 1 // to the end\n}',
      'async function f() { await /* a */ 1; await (2, 3); return(await(4)) }',
      'const f = async () => /* a */ ({ a: await 1 }), g = 1',
      'async function* f() { yield(1); yield*g(); yield\n;[1]; return(yield yield 1) }',
      'async function f(){a:b:for await(const c of[1])continue a;for await(const c of d)for await(const e of f)await e}',
      'class A{static async*#a(){yield await 1}static{async()=>{await 1}}[await2]=async()=>await 1;async get(){await 1}}',
      'label: { (async function () { await 1 })(); break label }',
    ])
      compiled(code)
  })

  test('compiles minified code, TypeScript and JSX', () => {
    compiled('const e=async t=>{for(const n of t)await(0,n.r)(await n)};export{e as default}')
    compiled('const f = async <T,>(a: T): Promise<T> => await (a as Promise<T>)!', 'file.ts')
    compiled('const F = () => <a onClick={async () => { await 1 }}>{async () => await 2}</a>', 'file.tsx')
  })

  test('says which file it cannot read', () => {
    assert.throws(() => carryContext('async ( {', { file: 'broken.js' }), /broken\.js/)
  })

  test('maps every place to its line and column', () => {
    const code = `/* é */ export async function load(id) {
  try {
    const answer = await fetch(id); parse(await answer.json())
  } catch (error) { report(error) }
  for await (const part of stream) show(part)
}
const later = async () => { await first(); throw new RangeError(second) }
`
    const { code: output, map } = carryContext(code, { file: 'load.js' }) ?? assert.fail()
    const source = new SourceMap(JSON.parse(map.toString()))
    const placeIn = (text: string, word: string): [number, number] => {
      const lines = text.slice(0, text.indexOf(word)).split('\n')
      return [lines.length - 1, lines.at(-1)?.length ?? 0]
    }
    for (const word of [
      'load(id)',
      'fetch(',
      'parse(',
      'answer.json',
      'report(',
      'stream',
      'show(',
      'first(',
      'RangeError',
      'second',
    ]) {
      const entry = source.findEntry(...placeIn(output, word))
      assert.ok('originalLine' in entry, word)
      assert.deepEqual([entry.originalLine, entry.originalColumn], placeIn(code, word), word)
    }
  })
})
