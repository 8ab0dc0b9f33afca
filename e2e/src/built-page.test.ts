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

type Built = { html: string; scripts: Map<string, Buffer> }

const build = async (env: NodeJS.ProcessEnv, args: string[] = []): Promise<Built> => {
  const built = await buildPage({ ...cleanEnvironment(), ...env }, args)
  const names = readdirSync(join(built, 'assets')).filter((name) => name.endsWith('.js'))
  const scripts = new Map(names.map((name) => [name, readFileSync(join(built, 'assets', name))]))
  const html = readFileSync(join(built, 'index.html'), 'utf8')
  rmSync(built, { recursive: true })
  return { html, scripts }
}

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => (made ??= make())
}
const without = once(() => build({}, withoutTelemetry))
const compiled = once(() => build({ PAGE_CONTEXT: 'compiled' }))
const textsOf = ({ scripts }: Built): string[] => [...scripts.values()].map(String)

test('the page without telemetry, which the benchmark compares with, can be built', async () => {
  const texts = textsOf(await without())
  assert.ok(texts.some((text) => text.includes('/api/activities/home')))
  assert.ok(texts.every((text) => !text.includes('__zone_symbol__')))
})

test('the page without zone.js has none of it, and no await that the build has left alone', async () => {
  const texts = textsOf(await compiled())
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
const kilobytesOf = ({ html, scripts }: Built): [first: number, all: number] => {
  const sizes = [...scripts].map(([name, bytes]) => ({ name, size: gzipSync(bytes, { level: 9 }).length / 1e3 }))
  const sum = (some: typeof sizes) => some.reduce((all, { size }) => all + size, 0)
  return [sum(sizes.filter(({ name }) => html.includes(name))), sum(sizes)]
}

test('the page, and what the tracing adds to it, stay within their budgets of gzipped kilobytes', async () => {
  const [first, all] = kilobytesOf(await without())
  const zone = kilobytesOf(await build({ PAGE_CONTEXT: 'zone' }))
  const lean = kilobytesOf(await compiled())
  const used = {
    'without, first': first,
    'without, all': all,
    'zone, first': zone[0] - first,
    'zone, all': zone[1] - all,
    'compiled, first': lean[0] - first,
    'compiled, all': lean[1] - all,
  }
  const budgets: typeof used = {
    'without, first': 140.5,
    'without, all': 154,
    'zone, first': 47.2,
    'zone, all': 72.4,
    'compiled, first': 20.8,
    'compiled, all': 45,
  }
  const over = Object.entries(used).filter(([name, size]) => size > budgets[name as keyof typeof used])
  assert.deepEqual(over, [])
})
