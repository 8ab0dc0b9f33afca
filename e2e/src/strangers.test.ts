// Runs alone: it installs, builds and starts three applications.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { pack } from '../../scripts/pack.mjs'
import { createDatabase } from './database.ts'

const run = promisify(execFile)
const repository = resolve(import.meta.dirname, '../..')
const timeout = 5 * 60_000

type Manifest = {
  name: string
  version: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
}
const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

const strangers = [
  { name: 'stranger-cjs', has: 'Express 4, CommonJS and React 18', mostLines: 10 },
  { name: 'stranger-esm', has: 'Express 5, React 19 and all four vendors', mostLines: 20 },
  { name: 'stranger-sdk', has: 'an SDK of its own in the server and in the page', mostLines: 20 },
]

describe('an application installs the packages from their tarballs, and', { concurrency: 2 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'strangers-'))
  const packages = join(folder, 'packages')
  const names = ['wire', 'vendor-doubles', 'expect-trace', 'trace-node', 'trace-web']
  // scripts/pack.test.mjs checks the packages.
  before(() => pack(names, packages, { isChecked: false }))
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('its compiler reads all types, though no vendor is installed', { timeout }, async () => {
    const home = join(folder, 'types')
    mkdirSync(home)
    const entries = ['trace-node', 'trace-node/express', 'trace-node/parts', 'trace-web', 'trace-web/context']
    const lines = [...entries, 'trace-web/vite', 'expect-trace'].map(
      (entry, at) => `export * as entry${at} from '@cruddur/${entry}'`,
    )
    writeFileSync(join(home, 'types.ts'), lines.join('\n'))
    const dependencies = { '@cruddur/trace-node': '', '@cruddur/trace-web': '', '@cruddur/expect-trace': '' }
    const { vite } = readManifest(join(repository, 'examples/stranger-cjs')).devDependencies ?? {}
    writeFileSync(join(home, 'package.json'), JSON.stringify({ dependencies: { ...dependencies, vite } }))
    pointToTarballs(home, packages)
    await npm(home, process.env, 'install', '--no-audit', '--no-fund', '--prefer-offline')
    const types = [
      '--typeRoots',
      join(repository, 'node_modules/@types'),
      '--types',
      'node',
      '--lib',
      'es2023,dom,dom.iterable',
    ]
    const how = ['--noEmit', '--strict', '--module', 'preserve', '--target', 'es2023', ...types]
    await run(process.execPath, [join(repository, 'node_modules/typescript/bin/tsc'), ...how, 'types.ts'], {
      cwd: home,
    }).catch(({ stdout }) => assert.fail(stdout))
  })

  for (const { name, has, mostLines } of strangers)
    test(`with ${has}, one press is one whole trace (${name})`, { timeout }, async (t) => {
      const home = join(folder, name)
      cpSync(join(repository, 'examples', name), home, { recursive: true })
      const database = await createDatabase()
      t.after(() => database.drop())
      // Without this variable, Node's test runner does not run inside another.
      const { NODE_TEST_CONTEXT: _, ...outer } = process.env
      const env = { ...outer, DATABASE_URL: database.url, PORT: String(await freePort()) }
      for (const part of [home, join(home, 'web')].filter((one) => existsSync(one))) {
        pointToTarballs(part, packages)
        await npm(part, env, 'install', '--no-audit', '--no-fund', '--prefer-offline')
      }
      await npm(home, env, 'run', 'build')
      const output = await npm(home, env, 'test')
      assert.match(output, /# pass [1-9]|ℹ pass [1-9]/)
      const lines = wiringOf(home)
      assert.ok(lines.length <= mostLines, `${lines.length} lines:\n${lines.join('\n')}`)
      t.diagnostic(`${lines.length} lines of wiring`)
    })
})

/** The lines that name a package or a part of it. In an SDK that the application had before, only those count. */
const wiringOf = (home: string): string[] =>
  globSync('**/*.{js,jsx,mjs,json}', {
    cwd: home,
    exclude: (path) => /node_modules|dist|test|lock/.test(path),
  }).flatMap((file) =>
    readFileSync(join(home, file), 'utf8')
      .split('\n')
      .filter((line) =>
        file.endsWith('json')
          ? /"start".*(--import|--require)/.test(line)
          : /@cruddur|telemetry\.js|traceWeb\(|start(Page|Tracing)\(|serverTiming\(|relay\(|faults\(|new (Interaction|LiveContext|TraceContext)|isUntraced }|rollbar/.test(
              line,
            ),
      )
      .map((line) => `${file}: ${line.trim()}`),
  )

/** The packages and those that they need come from the tarballs, because no registry has them. */
const pointToTarballs = (home: string, packages: string): void => {
  const manifest = readManifest(home)
  const own = (given: Record<string, string> = {}) => Object.keys(given).filter((name) => name.startsWith('@cruddur/'))
  const tarballs: Record<string, string> = {}
  const add = (name: string): void => {
    const packed = readManifest(join(packages, name.slice('@cruddur/'.length)))
    tarballs[name] = `file:${join(packages, `${name.slice(1).replace('/', '-')}-${packed.version}.tgz`)}`
    own(packed.dependencies).forEach(add)
  }
  own({ ...manifest.dependencies, ...manifest.devDependencies }).forEach(add)
  const replaced = (given: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(given).map(([name, version]) => [name, tarballs[name] ?? version]))
  const changed = {
    ...manifest,
    dependencies: { ...tarballs, ...replaced(manifest.dependencies) },
    devDependencies: replaced(manifest.devDependencies),
  }
  writeFileSync(join(home, 'package.json'), JSON.stringify(changed, null, 2))
}

const npm = async (cwd: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<string> => {
  try {
    return (await run('npm', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new Error(`npm ${args.join(' ')} failed:\n${stdout.slice(-8_000)}\n${stderr.slice(-4_000)}`)
  }
}

const freePort = (): Promise<number> =>
  new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
