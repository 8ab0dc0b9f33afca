import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { buildPage, cleanEnvironment, withoutTelemetry } from './product.ts'

const secrets = {
  HONEYCOMB_API_KEY: 'hcaik_canary_0123456789',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://ingest.canary.example',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=hcaik_canary_0123456789',
  DATABASE_URL: 'postgres://canary:canary-password@localhost/canary',
  AWS_SECRET_ACCESS_KEY: 'canary-aws-secret',
  ROLLBAR_ACCESS_TOKEN: 'canary-rollbar-server-token',
}
/**
 * Rollbar's own address is not in this list: Rollbar's package contains it, and the page posts its errors there. The
 * page's token is public by design and allows nothing else. The server's token is a secret like the others.
 */
const forbidden = [
  ...Object.values(secrets),
  'x-honeycomb-team',
  'api.honeycomb.io',
  'api.eu1.honeycomb.io',
  'amazonaws.com',
  'HONEYCOMB_API_KEY',
  'AWS_SECRET_ACCESS_KEY',
]

const folder = mkdtempSync(join(tmpdir(), 'cruddur-built-'))
let files: [name: string, text: string][]

const readBuilt = (name: string): string => {
  const bytes = readFileSync(join(folder, name))
  if (name.endsWith('.gz')) return gunzipSync(bytes).toString()
  return (name.endsWith('.br') ? brotliDecompressSync(bytes) : bytes).toString()
}

test('the built page includes the licences of its packages and of its font', () => {
  const [, licences = ''] = files.find(([name]) => name === 'licenses.txt') ?? []
  for (const name of [
    'react-dom',
    '@tanstack/react-query',
    '@opentelemetry/api',
    'rollbar',
    'zone.js',
    '@fontsource-variable/figtree',
  ])
    assert.match(licences, new RegExp(`^## ${name}[ @]`, 'm'), name)
  assert.match(licences, /SIL OPEN FONT LICENSE/i)
})

before(() => {
  const room = fileURLToPath(new URL('../../frontend/', import.meta.url))
  const { status, stderr } = spawnSync(
    process.execPath,
    ['../node_modules/vite/bin/vite.js', 'build', '--outDir', folder],
    {
      cwd: room,
      env: { ...process.env, ...secrets },
      encoding: 'utf8',
    },
  )
  assert.equal(status, 0, stderr)
  files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((name) => [name, readBuilt(name)])
})

after(() => rmSync(folder, { recursive: true }))

test('the search reads the scripts and their source maps', () => {
  assert.ok(files.some(([name, text]) => name.endsWith('.js') && text.includes('/api/activities/home')))
  assert.ok(files.some(([name, text]) => name.endsWith('.js.map') && text.includes('sourcesContent')))
})

for (const words of new Set(forbidden))
  test(`${words} is in no file of the built page`, () => {
    assert.deepEqual(
      files.filter(([, text]) => text.includes(words)).map(([name]) => name),
      [],
    )
  })

test('the page without telemetry, which the benchmark compares with, can be built', async () => {
  const without = await buildPage(cleanEnvironment(), withoutTelemetry)
  const scripts = readdirSync(join(without, 'assets')).filter((name) => name.endsWith('.js'))
  const texts = scripts.map((name) => readFileSync(join(without, 'assets', name), 'utf8'))
  rmSync(without, { recursive: true })
  assert.ok(texts.some((text) => text.includes('/api/activities/home')))
  assert.ok(texts.every((text) => !text.includes('__zone_symbol__')))
})

test('the page without zone.js has none of it, and no await that the build has left alone', async () => {
  const compiled = await buildPage({ ...cleanEnvironment(), PAGE_CONTEXT: 'compiled' })
  const scripts = readdirSync(join(compiled, 'assets')).filter((name) => name.endsWith('.js'))
  const texts = scripts.map((name) => readFileSync(join(compiled, 'assets', name), 'utf8'))
  rmSync(compiled, { recursive: true })
  assert.ok(texts.every((text) => !text.includes('__zone_symbol__')))
  const awaits = texts.flatMap((text) => [...text.matchAll(/\bawait\b.{0,20}/g)].map(([code]) => code))
  assert.ok(awaits.length > 40)
  assert.deepEqual(
    awaits.filter((code) => !/^await [\w$]+\([\w$]+[,)]/.test(code)),
    [],
  )
})

test('an unknown way to keep the context stops the build', async () => {
  await assert.rejects(buildPage({ ...cleanEnvironment(), PAGE_CONTEXT: 'zones' }), /PAGE_CONTEXT is zones/)
})

/** The scripts that index.html names, and all of them: what each has, gzipped. */
const kilobytesOf = async (env: NodeJS.ProcessEnv, args: string[] = []): Promise<[first: number, all: number]> => {
  const built = await buildPage({ ...cleanEnvironment(), ...env }, args)
  const html = readFileSync(join(built, 'index.html'), 'utf8')
  const scripts = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'))
  const sizes = scripts.map((name) => gzipSync(readFileSync(join(built, 'assets', name)), { level: 9 }).length / 1e3)
  rmSync(built, { recursive: true })
  const sum = (one: number[]) => one.reduce((a, b) => a + b, 0)
  return [sum(sizes.filter((_, index) => html.includes(scripts[index] as string))), sum(sizes)]
}

test('the page, and what the tracing adds to it, stay within their budgets of gzipped kilobytes', async () => {
  const [first, all] = await kilobytesOf({}, withoutTelemetry)
  const zone = await kilobytesOf({ PAGE_CONTEXT: 'zone' })
  const compiled = await kilobytesOf({ PAGE_CONTEXT: 'compiled' })
  const used = {
    'without, first': first,
    'without, all': all,
    'zone, first': zone[0] - first,
    'zone, all': zone[1] - all,
    'compiled, first': compiled[0] - first,
    'compiled, all': compiled[1] - all,
  }
  const budgets: typeof used = {
    'without, first': 141,
    'without, all': 154.5,
    'zone, first': 48.2,
    'zone, all': 73.3,
    'compiled, first': 21.7,
    'compiled, all': 45.9,
  }
  const over = Object.entries(used).filter(([name, size]) => size > budgets[name as keyof typeof used])
  assert.deepEqual(over, [])
})
