import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { build, createServer, type ViteDevServer } from 'vite'
import { current, runIn } from '../context/current.ts'
import { type PageContext, traceWeb } from './vite.ts'

const files = {
  'main.ts': `import { later } from 'in-commonjs'
import { inFile } from 'in-cjs-file'
import minified from 'minified'

type Answer = { found: unknown[] }
export const run = async (probe: () => unknown): Promise<Answer> => {
  const found = [await later(probe), await inFile(probe), await minified(probe)]
  await null
  found.push(probe())
  return { found }
}
export const fail = async (): Promise<void> => {
  await null
  throw new RangeError('mapped')
}
`,
  'package.json': '{ "type": "module" }',
  'node_modules/in-commonjs/package.json': '{ "name": "in-commonjs", "version": "1.0.0", "main": "index.js" }',
  'node_modules/in-commonjs/index.js': `'use strict'
exports.later = async function (probe) { await null; return probe() }
if (typeof require !== 'function') throw new Error('no module of CommonJS')
`,
  'node_modules/in-cjs-file/package.json': '{ "name": "in-cjs-file", "version": "1.0.0", "main": "index.cjs" }',
  'node_modules/in-cjs-file/index.cjs': `'use strict'
exports.inFile = async function (probe) { await null; return probe() }
if (typeof require !== 'function') throw new Error('no module of CommonJS')
`,
  'node_modules/minified/package.json':
    '{ "name": "minified", "version": "1.0.0", "type": "module", "main": "index.js" }',
  'node_modules/minified/index.js': 'const e=async t=>{for(const n of[1])await(0,n);return t()};export{e as default}\n',
}

let folder: string

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'trace-web-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
})
after(() => rmSync(folder, { recursive: true }))

const buildWith = async (context: PageContext): Promise<{ code: string; map: SourceMapPayload; file: string }> => {
  const outDir = join(folder, 'dist', context)
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    plugins: [traceWeb({ context })],
    build: {
      outDir,
      sourcemap: true,
      rolldownOptions: { input: join(folder, 'main.ts'), preserveEntrySignatures: 'strict' },
    },
  })
  const [name = ''] = readdirSync(join(outDir, 'assets')).filter((one) => one.endsWith('.js'))
  const file = join(outDir, 'assets', name)
  return { file, code: readFileSync(file, 'utf8'), map: JSON.parse(readFileSync(`${file}.map`, 'utf8')) }
}

const placeOf = (text: string, word: string): [number, number] => {
  assert.ok(text.includes(word), word)
  const lines = text.slice(0, text.indexOf(word)).split('\n')
  return [lines.length - 1, lines.at(-1)?.length ?? 0]
}

describe('a page that Vite builds', () => {
  test('keeps its context in code and dependencies, also in CommonJS and minified ones', async () => {
    const { file, code } = await buildWith('compiled')
    assert.equal(code.match(/\bawait\b/g)?.length, 8)
    const { run } = await import(pathToFileURL(file).href)
    const found = ['A', 'B'].map((label) => runIn(label, () => run(current)))
    assert.deepEqual(await Promise.all(found), [{ found: Array(4).fill('A') }, { found: Array(4).fill('B') }])
    assert.equal(current(), undefined)
  })

  test('maps the built code to the line and column of the source', async () => {
    const { code, map } = await buildWith('compiled')
    const entry = new SourceMap(map).findEntry(...placeOf(code, 'RangeError'))
    assert.ok('originalLine' in entry && entry.originalSource.endsWith('main.ts'))
    assert.deepEqual([entry.originalLine, entry.originalColumn], placeOf(files['main.ts'], 'RangeError'))
  })

  test('has no native await with zone.js', async () => {
    const { code } = await buildWith('zone')
    assert.doesNotMatch(code, /\b(async|await)\b|@cruddur\/trace-web/)
  })
})

describe('a page that Vite serves in development', () => {
  let server: ViteDevServer
  const serve = async (context: PageContext): Promise<ViteDevServer> => {
    server = await createServer({
      root: folder,
      configFile: false,
      logLevel: 'error',
      cacheDir: join(folder, 'cache', context),
      plugins: [traceWeb({ context })],
      server: { middlewareMode: true, ws: false, watch: null },
      optimizeDeps: { include: ['in-commonjs', 'minified'] },
    })
    return server
  }
  const codeOf = async (url: string): Promise<{ code: string; map: unknown }> => {
    const result = await server.environments.client.transformRequest(url)
    assert.ok(result, url)
    return result
  }
  const urlIn = (code: string, name: string): string =>
    new RegExp(`from "([^"]*${name}[^"]*)"`).exec(code)?.[1] ?? assert.fail(`${name} is not imported: ${code}`)

  test('keeps its context in code and in dependencies that are bundled before', async (t) => {
    t.after(() => server.close())
    await serve('compiled')
    const { code, map } = await codeOf('/main.ts')
    assert.match(code, /await page\$leave\(/)
    assert.match(urlIn(code, 'current'), /context\/current\.ts$/)
    const entry = new SourceMap(map as SourceMapPayload).findEntry(...placeOf(code, 'RangeError'))
    assert.ok('originalLine' in entry)
    assert.deepEqual([entry.originalLine, entry.originalColumn], placeOf(files['main.ts'], 'RangeError'))
    for (const name of ['in-commonjs', 'minified']) {
      const dependency = await codeOf(urlIn(code, name))
      assert.match(dependency.code, /await page\$leave\(/, name)
    }
  })

  test('has no native await with zone.js', async (t) => {
    t.after(() => server.close())
    await serve('zone')
    const { code } = await codeOf('/main.ts')
    assert.doesNotMatch(code, /\bawait\b/)
    assert.doesNotMatch((await codeOf(urlIn(code, 'minified'))).code, /\bawait\b/)
  })
})
